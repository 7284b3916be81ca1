import {
  breakGlassDetailSchema,
  breakGlassPageSchema,
  breakGlassQuerySchema,
  breakGlassSchema,
  ownBreakGlassSchema,
  reviewSchema,
  takeRoleSchema,
} from '@uzima/contracts'
import { z } from 'zod'
import { principalOf } from '../../middleware/http-auth.js'
import type { BreakGlassCases } from '../../users/break-glass.js'
import type { Routes } from '../app.js'

const params = z.object({ id: z.string().max(200) })

/** `/api/break-glass`: roles that users take by themselves in an emergency, and their reviews. */
export const breakGlassRoutes =
  (cases: BreakGlassCases): Routes =>
  (app) => {
    const tags = ['users']
    const admin = { access: 'users:manage' } as const

    app.post(
      '/break-glass',
      {
        // Whom the setting names, which is no permission.
        config: { access: 'authenticated' },
        schema: {
          tags,
          summary: 'Take a role in an emergency, for at most an hour; administrators hear of it',
          body: takeRoleSchema,
          response: { 201: breakGlassSchema },
        },
      },
      async (request, reply) =>
        reply.code(201).send(await cases.take(principalOf(request).user, request.body)),
    )

    app.get(
      '/break-glass/own',
      {
        config: { access: 'authenticated' },
        schema: {
          tags,
          summary: 'What the caller may take in an emergency, and what he has taken',
          response: { 200: ownBreakGlassSchema },
        },
      },
      (request) => cases.own(principalOf(request).user),
    )

    app.get(
      '/break-glass',
      {
        config: { ...admin, isPage: true },
        schema: {
          tags,
          summary: 'Roles that were taken in an emergency, by the state of their review',
          querystring: breakGlassQuerySchema.strict(),
          response: { 200: breakGlassPageSchema },
        },
      },
      ({ query }) => cases.list(query),
    )

    app.get(
      '/break-glass/:id',
      {
        config: { ...admin, isPage: true },
        schema: {
          tags,
          summary: 'One of them, with what the user did meanwhile',
          params,
          response: { 200: breakGlassDetailSchema },
        },
      },
      (request) => cases.get(request.params.id),
    )

    app.post(
      '/break-glass/:id/review',
      {
        config: admin,
        schema: {
          tags,
          summary: 'Close its review; for an administrator who is not the user',
          params,
          body: reviewSchema,
          response: { 200: breakGlassSchema },
        },
      },
      (request) => cases.review(principalOf(request).user, request.params.id, request.body.note),
    )
  }

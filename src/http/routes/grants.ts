import { createGrantSchema, grantPageSchema, grantSchema, pageSchema } from '@uzima/contracts'
import { z } from 'zod'
import { principalOf } from '../../middleware/http-auth.js'
import type { Grants } from '../../users/grants.js'
import type { Routes } from '../app.js'

const params = z.object({ id: z.string().max(200) })

/** `/api/users/{id}/grants` and `/api/grants/{id}`: roles for a time, for administrators. */
export const grantRoutes =
  (grants: Grants): Routes =>
  (app) => {
    const tags = ['users']
    const config = { access: 'users:manage' } as const

    app.get(
      '/users/:id/grants',
      {
        config: { ...config, isPage: true },
        schema: {
          tags,
          summary: 'Roles that a user has, had or will have for a time; what begins last first',
          params,
          querystring: pageSchema(500, 100).strict(),
          response: { 200: grantPageSchema },
        },
      },
      ({ params: { id }, query: { limit, cursor } }) =>
        grants.list(id, { limit, ...(cursor === undefined ? {} : { cursor }) }),
    )

    app.post(
      '/users/:id/grants',
      {
        config,
        schema: {
          tags,
          summary: 'Give a user a role until a moment; it ends by itself, and live sockets follow',
          params,
          body: createGrantSchema,
          response: { 201: grantSchema },
        },
      },
      async (request, reply) => {
        const { username } = principalOf(request).user
        const grant = await grants.create(username, request.params.id, request.body)
        return reply.code(201).send(grant)
      },
    )

    app.delete(
      '/grants/:id',
      {
        config,
        schema: {
          tags,
          summary: 'End a grant now, or take it back before it begins; it stays in the list',
          params,
          response: { 200: grantSchema },
        },
      },
      (request) => grants.revoke(principalOf(request).user.username, request.params.id),
    )
  }

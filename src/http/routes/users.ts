import {
  createUserSchema,
  pageSchema,
  revokeResultSchema,
  updateUserSchema,
  userPageSchema,
  userSchema,
} from '@uzima/contracts'
import { z } from 'zod'
import { principalOf } from '../../middleware/http-auth.js'
import { changeKeys } from '../../observability/journeys.js'
import type { Users } from '../../users/users.js'
import type { Routes } from '../app.js'

const params = z.object({ id: z.string().max(200) })

/** `/api/users`: accounts, for administrators. */
export const userRoutes =
  (users: Users): Routes =>
  (app) => {
    const tags = ['users']
    const config = { access: 'users:manage' } as const

    app.get(
      '/users',
      {
        config: { ...config, isPage: true },
        schema: {
          tags,
          summary: 'List accounts',
          querystring: pageSchema(500, 100).strict(),
          response: { 200: userPageSchema },
        },
      },
      ({ query: { limit, cursor } }) =>
        users.list({ limit, ...(cursor === undefined ? {} : { cursor }) }),
    )

    app.post(
      '/users',
      {
        config,
        schema: {
          tags,
          summary: 'Make an account; without a password only tokens of another issuer serve',
          body: createUserSchema,
          response: { 201: userSchema },
        },
      },
      async (request, reply) => {
        const user = await users.create(principalOf(request).user.username, request.body)
        return reply.code(201).header('location', `users/${user.id}`).send(user)
      },
    )

    app.get(
      '/users/:id',
      { config, schema: { tags, summary: 'An account', params, response: { 200: userSchema } } },
      (request) => users.get(request.params.id),
    )

    app.patch(
      '/users/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Change role, activity, e-mail or password; live sockets follow at once',
          params,
          body: updateUserSchema,
          response: { 200: userSchema },
        },
      },
      (request) =>
        users.update(principalOf(request).user.username, request.params.id, request.body),
    )

    app.delete(
      '/users/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Delete an account; its sockets close',
          params,
          response: { 204: z.undefined() },
        },
      },
      async (request, reply) => {
        await users.remove(principalOf(request).user.username, request.params.id)
        return reply.code(204).send()
      },
    )

    app.post(
      '/users/:id/revoke',
      {
        config: {
          ...config,
          changes: (_request, answer) => changeKeys.entry(revokeResultSchema.parse(answer).seq),
        },
        schema: {
          tags,
          summary: 'End all sessions: tokens issued before are refused, sockets close',
          params,
          response: { 200: revokeResultSchema },
        },
      },
      (request) => users.revoke(principalOf(request).user.username, request.params.id),
    )
  }

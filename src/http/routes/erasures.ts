import { erasureListSchema, eraseResultSchema, eraseSchema } from '@uzima/contracts'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { principalOf } from '../../middleware/http-auth.js'
import type { Erasures } from '../../users/erasures.js'
import type { Routes } from '../app.js'

const params = z.object({ id: z.string().max(200) })

/** What a person may ask of an administrator: what is kept about him, and that it is forgotten. */
export const erasureRoutes =
  (erasures: Erasures): Routes =>
  (app) => {
    const tags = ['users']
    const config = { access: 'users:manage' } as const

    app.get(
      '/users/:id/data',
      {
        config,
        schema: {
          tags,
          summary: 'Everything that is kept about a user, also a deleted one, by table',
          params,
          response: {
            // As a stream it is not looked at on its way: { userId, at, tables: { name: [row] } }.
            200: { content: { 'application/json': { schema: z.unknown() } } },
          },
        },
      },
      async (request, reply) => {
        const document = await erasures.data(request.params.id)
        return reply
          .header('cache-control', 'no-store')
          .type('application/json; charset=utf-8')
          .send(Readable.from(document, { objectMode: false }))
      },
    )

    app.post(
      '/users/:id/erase',
      {
        config,
        schema: {
          tags,
          summary:
            'Erase the personal texts of a user who is deactivated or deleted, for good; history stays',
          params,
          body: eraseSchema,
          response: { 200: eraseResultSchema },
        },
      },
      (request) =>
        erasures.erase(principalOf(request).user.username, request.params.id, request.body.reason),
    )

    app.get(
      '/erasures',
      {
        config,
        schema: {
          tags,
          summary: 'Every erasure, the oldest first; keep the list beside the copies of the data',
          response: { 200: erasureListSchema },
        },
      },
      async () => ({ erasures: await erasures.list() }),
    )
  }

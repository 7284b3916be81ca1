import { connectionsPageSchema } from '@uzima/contracts'
import { z } from 'zod'
import { AppError } from '../../errors/app-error.js'
import type { Presence } from '../../ports/realtime.js'
import type { Routes } from '../app.js'

/** `/api/connections`: who is connected now, over all nodes. */
export const connectionRoutes =
  (presence: Presence): Routes =>
  (app) => {
    const tags = ['realtime']
    const config = { access: 'connections:manage' } as const

    app.get(
      '/connections',
      {
        config,
        schema: {
          tags,
          summary: 'Live connections; names the nodes that did not answer',
          response: { 200: connectionsPageSchema },
        },
      },
      () => presence.connections(),
    )

    app.delete(
      '/connections/:socketId',
      {
        config,
        schema: {
          tags,
          summary: 'Close a connection; its client may come back',
          params: z.object({ socketId: z.string().max(100) }),
          response: { 204: z.undefined() },
        },
      },
      async (request, reply) => {
        if (!(await presence.disconnect(request.params.socketId))) {
          throw new AppError('CONNECTION_NOT_FOUND')
        }
        return reply.code(204).send()
      },
    )
  }

import { messageSchema, type Message } from '@uzima/contracts'
import { z } from 'zod'
import type { Publisher } from '../../ports/realtime.js'
import type { Routes } from '../app.js'

/** `POST /api/messages`: `sendToAll` and its like, for back ends in other languages. */
export const messageRoutes =
  (publisher: Publisher): Routes =>
  (app) => {
    app.post(
      '/messages',
      {
        config: { access: 'messages:send' },
        schema: {
          tags: ['realtime'],
          summary: 'Send an event to everybody, a user, a role or a room; at most once, not logged',
          body: messageSchema,
          response: { 202: z.object({ accepted: z.literal(true) }) },
        },
      },
      async (request, reply) => {
        send(publisher, request.body)
        return reply.code(202).send({ accepted: true })
      },
    )
  }

const send = (publisher: Publisher, { to, event, data }: Message): void => {
  if ('all' in to) publisher.sendToAll(event, data)
  else if ('userId' in to) publisher.sendToUser(to.userId, event, data)
  else if ('role' in to) publisher.sendToRole(to.role, event, data)
  else publisher.broadcastToRoom(to.room, event, data)
}

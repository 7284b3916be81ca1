import { attemptsPageSchema, attemptsQuerySchema, connectionAttemptSchema } from '@uzima/contracts'
import { z } from 'zod'
import type { HttpApp, ListAttempts } from '../ports.js'

/** `count`: in a flood, one row stands for many attempts that are alike. */
const countedPageSchema = attemptsPageSchema.extend({
  attempts: z.array(connectionAttemptSchema.extend({ count: z.int().min(1) })),
})

/** `GET /api/connection-attempts`: every attempt to connect, refused or not, and every close. */
export const connectionAttemptRoutes = (
  app: HttpApp,
  { listAttempts }: { readonly listAttempts: ListAttempts },
): void => {
  app.get(
    '/connection-attempts',
    {
      config: { access: 'connections:manage' },
      schema: {
        tags: ['realtime'],
        summary: 'The connection log, newest first',
        querystring: attemptsQuerySchema.strict(),
        response: { 200: countedPageSchema },
      },
    },
    ({ query }) => listAttempts(query),
  )
}

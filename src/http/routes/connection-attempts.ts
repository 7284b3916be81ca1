import { attemptsPageSchema, attemptsQuerySchema } from '@uzima/contracts'
import type { HttpApp, ListAttempts } from '../ports.js'

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
        response: { 200: attemptsPageSchema },
      },
    },
    ({ query }) => listAttempts(query),
  )
}

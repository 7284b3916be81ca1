import { revocationPageSchema, revocationQuerySchema, revocationSchema } from '@uzima/contracts'
import { z } from 'zod'
import type { HttpApp, RevocationsPort } from '../ports.js'

/** `GET /api/revocations`: when a right really ended, node by node. */
export const revocationRoutes = (
  app: HttpApp,
  { revocations }: { readonly revocations: RevocationsPort },
): void => {
  app.get(
    '/revocations',
    {
      config: { access: 'connections:manage' },
      schema: {
        tags: ['realtime'],
        summary: 'Revocations and their proof, newest first',
        querystring: revocationQuerySchema.strict(),
        response: { 200: revocationPageSchema },
      },
    },
    ({ query }) => revocations.list(query),
  )

  app.get(
    '/revocations/:seq',
    {
      config: { access: 'connections:manage' },
      schema: {
        tags: ['realtime'],
        summary: 'The proof of one revocation, by its number in the log',
        params: z.object({ seq: z.coerce.number().int().min(1) }),
        response: { 200: revocationSchema },
      },
    },
    ({ params }) => revocations.get(params.seq),
  )
}

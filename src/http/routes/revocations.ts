import {
  revocationPageSchema,
  revocationQuerySchema,
  revocationSchema,
  type Revocation,
  type RevocationPage,
  type RevocationQuery,
} from '@uzima/contracts'
import { z } from 'zod'
import type { Routes } from '../app.js'

/** The proofs of revocations. */
export interface Revocations {
  readonly get: (seq: number) => Promise<Revocation>
  readonly list: (query: RevocationQuery) => Promise<RevocationPage>
}

/** `GET /api/revocations`: when a right really ended, node by node. */
export const revocationRoutes =
  (revocations: Revocations): Routes =>
  (app) => {
    app.get(
      '/revocations',
      {
        config: { access: 'connections:manage', isPage: true },
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

import {
  checkpointPageSchema,
  checkpointQuerySchema,
  checkpointSchema,
  type Checkpoint,
  type CheckpointPage,
  type CheckpointQuery,
} from '@uzima/contracts'
import type { Routes } from '../app.js'

/** The signed heads of the evidence. */
export interface Checkpoints {
  readonly list: (query: CheckpointQuery) => Promise<CheckpointPage>
  /** Takes in what is committed and signs it now. Throws `SERVER_UNAVAILABLE` where this node cannot. */
  readonly make: () => Promise<Checkpoint>
}

/** `GET` and `POST /api/checkpoints`: what an auditor keeps elsewhere. */
export const checkpointRoutes =
  (checkpoints: Checkpoints): Routes =>
  (app) => {
    app.get(
      '/checkpoints',
      {
        config: { access: 'connections:manage', isPage: true },
        schema: {
          tags: ['realtime'],
          summary: 'Signed checkpoints of the evidence, newest first, and the public keys',
          querystring: checkpointQuerySchema.strict(),
          response: { 200: checkpointPageSchema },
        },
      },
      ({ query }) => checkpoints.list(query),
    )

    app.post(
      '/checkpoints',
      {
        config: { access: 'connections:manage' },
        schema: {
          tags: ['realtime'],
          summary: 'Sign a checkpoint of everything that is committed',
          response: { 200: checkpointSchema },
        },
      },
      () => checkpoints.make(),
    )
  }

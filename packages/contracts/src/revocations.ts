import { z } from 'zod'
import { pageSchema, seqSchema, timestampSchema } from './common.js'

/**
 * What one node did about a revocation. `waiting`: no answer yet; `silent`: none for 5 s; `ended`: the node stopped or was
 * killed, and its sockets with it.
 */
export const revocationNodeSchema = z.object({
  node: z.string(),
  state: z.enum(['acknowledged', 'waiting', 'silent', 'ended']),
  /** Clock of the database, as `committedAt`. */
  acknowledgedAt: timestampSchema.nullable(),
  /** Milliseconds from the commit to the last socket closed, by the node's clock. */
  appliedAfterMs: z.number().nullable(),
  socketsClosed: z.int().nullable(),
  socketsMoved: z.int().nullable(),
})

/** Proof of a revocation: entry `seq` of the log ended a right, and when each live node had acted on it. */
export const revocationSchema = z.object({
  seq: seqSchema,
  userId: z.string(),
  ended: z.string(),
  actor: z.string(),
  committedAt: timestampSchema,
  nodes: z.array(revocationNodeSchema),
})
export type Revocation = z.infer<typeof revocationSchema>

export const revocationQuerySchema = pageSchema(500, 50).extend({
  userId: z.string().max(200).optional(),
})
export type RevocationQuery = z.infer<typeof revocationQuerySchema>

export const revocationPageSchema = z.object({
  revocations: z.array(revocationSchema),
  nextCursor: z.string().nullable(),
})
export type RevocationPage = z.infer<typeof revocationPageSchema>

import { z } from 'zod'
import { pageSchema, timestampSchema } from './common.js'

/** A signed head of the evidence: so much there was at that moment, and it was this. */
export const checkpointSchema = z.object({
  /** Of the log; each has a tree of its own. */
  epoch: z.string(),
  /** Leaves of the tree. */
  size: z.int(),
  /** Hash of all of them, 64 hexadecimal digits. */
  root: z.string(),
  at: timestampSchema,
  /** All of it as C2SP tlog-checkpoint, with its signatures: what is kept elsewhere and given to `uzima audit verify`. */
  note: z.string(),
})
export type Checkpoint = z.infer<typeof checkpointSchema>

export const checkpointQuerySchema = pageSchema(500, 50)
export type CheckpointQuery = z.infer<typeof checkpointQuerySchema>

export const checkpointPageSchema = z.object({
  checkpoints: z.array(checkpointSchema),
  /** Every public key that has ever signed, the oldest first, as C2SP signed-note writes them. */
  keys: z.array(z.string()),
  nextCursor: z.string().nullable(),
})
export type CheckpointPage = z.infer<typeof checkpointPageSchema>

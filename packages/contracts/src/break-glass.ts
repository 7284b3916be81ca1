import { z } from 'zod'
import { pageSchema, roleSchema, seqSchema, textSchema, timestampSchema } from './common.js'
import { BREAK_GLASS_MAX_MINUTES } from './limits.js'
import { EMERGENCY_ROLES } from './roles.js'

export const takeRoleSchema = z.strictObject({
  role: z.enum(EMERGENCY_ROLES),
  minutes: z.int().min(1).max(BREAK_GLASS_MAX_MINUTES),
  reason: textSchema(500),
})
export type TakeRole = z.infer<typeof takeRoleSchema>

/** A role that somebody took by himself, and whether somebody else has looked at it since. */
export const breakGlassSchema = z.object({
  id: z.string(),
  userId: z.string(),
  username: z.string(),
  role: roleSchema,
  state: z.enum(['active', 'ended']),
  validFrom: timestampSchema,
  validUntil: timestampSchema,
  reason: z.string(),
  /** What the user did from this number on, and before `endedSeq` where it has ended, was done under it. */
  beganSeq: seqSchema,
  endedSeq: seqSchema.nullable(),
  endedAt: timestampSchema.nullable(),
  /** Null while the review is open. */
  review: z
    .object({
      by: z.string(),
      byUsername: z.string().nullable(),
      at: timestampSchema,
      note: z.string(),
    })
    .nullable(),
})
export type BreakGlass = z.infer<typeof breakGlassSchema>

/** Of `break_glass:opened` and `break_glass:reviewed`. */
export const breakGlassEventSchema = z.object({
  seq: seqSchema,
  grant: breakGlassSchema,
  timestamp: timestampSchema,
})
export type BreakGlassEvent = z.infer<typeof breakGlassEventSchema>

/** What may be taken now, and what is in force. */
export const ownBreakGlassSchema = z.object({
  mayTake: z.array(roleSchema),
  active: z.array(breakGlassSchema),
})
export type OwnBreakGlass = z.infer<typeof ownBreakGlassSchema>

export const breakGlassQuerySchema = pageSchema(200, 50).extend({
  /** Of the review. */
  state: z.enum(['open', 'closed']).optional(),
})
export type BreakGlassQuery = z.infer<typeof breakGlassQuerySchema>

export const breakGlassPageSchema = z.object({
  grants: z.array(breakGlassSchema),
  nextCursor: z.string().nullable(),
})
export type BreakGlassPage = z.infer<typeof breakGlassPageSchema>

/** Something that the user did meanwhile. */
export const doneSchema = z.object({
  what: z.enum(['movement', 'change', 'alert']),
  /** The sku of a movement or an alert; the record and its key of a change. */
  of: z.string(),
  /** The type of a movement or a change, or of the alert. */
  type: z.string(),
  /** Of a movement: by how much. */
  delta: z.int().nullable(),
  at: timestampSchema,
})
export type Done = z.infer<typeof doneSchema>

/** `done` is in the order of time, the first 500; `hasMore` where there is more. */
export const breakGlassDetailSchema = breakGlassSchema.extend({
  done: z.array(doneSchema),
  hasMore: z.boolean(),
})
export type BreakGlassDetail = z.infer<typeof breakGlassDetailSchema>

export const reviewSchema = z.strictObject({ note: textSchema(500) })
export type Review = z.infer<typeof reviewSchema>

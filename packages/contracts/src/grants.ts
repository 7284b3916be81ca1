import { z } from 'zod'
import { momentSchema, roleSchema, seqSchema, textSchema, timestampSchema } from './common.js'

/** `break_glass` was taken by the user himself, in an emergency. */
export const GRANT_KINDS = ['grant', 'break_glass'] as const
export const GRANT_STATES = ['coming', 'active', 'ended', 'revoked'] as const

/** A role that a user has for a time. */
export const grantSchema = z.object({
  id: z.string(),
  userId: z.string(),
  role: roleSchema,
  kind: z.enum(GRANT_KINDS),
  /** By the entries of the log, not by anybody's clock. `revoked`: ended before its time. */
  state: z.enum(GRANT_STATES),
  validFrom: timestampSchema,
  validUntil: timestampSchema,
  reason: z.string(),
  grantedBy: z.string(),
  createdAt: timestampSchema,
  revokedAt: timestampSchema.nullable(),
  revokedBy: z.string().nullable(),
  /** Numbers of the entries with which it came into force and ended; null before, and where it never did. */
  beganSeq: seqSchema.nullable(),
  endedSeq: seqSchema.nullable(),
})
export type Grant = z.infer<typeof grantSchema>

/** Without `validFrom` it begins at once. */
export const createGrantSchema = z.strictObject({
  role: roleSchema,
  validFrom: momentSchema.optional(),
  validUntil: momentSchema,
  reason: textSchema(500),
})
export type CreateGrant = z.infer<typeof createGrantSchema>

export const grantPageSchema = z.object({
  grants: z.array(grantSchema),
  nextCursor: z.string().nullable(),
})
export type GrantPage = z.infer<typeof grantPageSchema>

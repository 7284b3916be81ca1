import { z } from 'zod'
import {
  momentSchema,
  roleSchema,
  seqSchema,
  storableTextSchema,
  timestampSchema,
} from './common.js'

const whomSchema = {
  userId: storableTextSchema.min(1).max(200).optional(),
  /** Instead of the id; that of a deleted user serves, too. */
  username: storableTextSchema.min(1).max(200).optional(),
}
const namesOne = ({ userId, username }: { userId?: unknown; username?: unknown }): boolean =>
  (userId === undefined) !== (username === undefined)
const NAME_ONE = 'wants userId or username'

export const explainQuerySchema = z
  .strictObject({ ...whomSchema, seq: z.coerce.number().int().min(1) })
  .refine(namesOne, NAME_ONE)
export type ExplainQuery = z.infer<typeof explainQuerySchema>

/**
 * What became of one entry for one user. `written`: handed to the network for a connection of his; `applied`: his client says
 * that it is in its view; `ended`: he was connected, and the connection ended before it is on record as written.
 */
export const VERDICTS = [
  'applied',
  'written',
  'not_allowed',
  'not_connected',
  'ended',
  'unknown',
] as const
export const verdictSchema = z.enum(VERDICTS)
export type Verdict = z.infer<typeof verdictSchema>

/** Why the verdict is what it is; docs/explain.md has a line for each. */
export const EXPLAIN_REASONS = [
  'live',
  'replayed',
  'role',
  'inactive',
  'deleted',
  'no_account',
  'internal',
  'not_connected',
  'reset_instead',
  'older_than_snapshot',
  'cut_slow',
  'node_fenced',
  'session_ended',
  'connection_ended',
  'node_died',
  'node_lost',
  'not_yet_recorded',
  'record_missing',
  'rights_unrecorded',
  'rules_unrecorded',
  'rights_moved',
] as const
export const explainReasonSchema = z.enum(EXPLAIN_REASONS)
export type ExplainReason = z.infer<typeof explainReasonSchema>

export const explainedEntrySchema = z.object({
  seq: seqSchema,
  name: z.string(),
  at: timestampSchema,
  audience: z.string(),
  /** What it is about: a sku, the id of an alert or of a user. */
  ref: z.string().nullable(),
})

/** A role that the user had when the entry was numbered. */
export const heldRoleSchema = z.object({
  role: roleSchema,
  /** Since when without a gap; where `by` is null, at the latest. */
  since: timestampSchema,
  /** When it ended; of a grant in force, when it will. */
  until: timestampSchema.optional(),
  /** Who made it so; null where that is older than the record. */
  by: z.string().nullable(),
  /** Whether the entry is for this role. */
  allows: z.boolean(),
  /** Present where it was given for a time. `GET /api/users/{id}/grants` has its reason. */
  grant: z.object({ id: z.string(), kind: z.string() }).optional(),
})

/** One connection, as far as the entry concerns it. */
export const explainedDeliverySchema = z.object({
  socketId: z.string(),
  node: z.string(),
  connectedAt: timestampSchema,
  closedAt: timestampSchema.optional(),
  /** Why it ended. */
  code: z.string().optional(),
  how: z.enum(['live', 'replay', 'snapshot']),
  /** At the latest: the record says that by then it was. */
  writtenAt: timestampSchema.optional(),
  /** At the latest, as the client has told. */
  appliedAt: timestampSchema.optional(),
  outcome: z.enum(['applied', 'written', 'not_allowed', 'ended', 'in_snapshot', 'unknown']),
  reason: explainReasonSchema,
})

export const explanationSchema = z.object({
  entry: explainedEntrySchema,
  user: z.object({ id: z.string(), username: z.string().nullable() }),
  /** Whether it was for him when it was numbered; null where the record does not tell. */
  allowed: z.boolean().nullable(),
  /** Which role and feed made it so, or why not. */
  because: z.string(),
  roles: z.array(heldRoleSchema),
  /** The first 50 that the entry concerns, by their beginning. */
  deliveries: z.array(explainedDeliverySchema),
  verdict: verdictSchema,
  reason: explainReasonSchema,
  /** The verdict for people. */
  sentence: z.string(),
})
export type Explanation = z.infer<typeof explanationSchema>

const betweenSchema = { from: momentSchema, to: momentSchema }
export const AUDIT_FORMATS = ['csv', 'json'] as const
const formatSchema = z.enum(AUDIT_FORMATS).default('json')

export const seenQuerySchema = z
  .strictObject({ ...whomSchema, ...betweenSchema, format: formatSchema })
  .refine(namesOne, NAME_ONE)
export type SeenQuery = z.infer<typeof seenQuerySchema>

export const viewersQuerySchema = z.strictObject({
  sku: storableTextSchema.min(1).max(200),
  ...betweenSchema,
  format: formatSchema,
})
export type ViewersQuery = z.infer<typeof viewersQuerySchema>

/** An entry that the user could see, or got. */
export const seenRowSchema = z.object({
  seq: seqSchema,
  at: timestampSchema,
  name: z.string(),
  ref: z.string().nullable(),
  audience: z.string(),
  allowed: z.boolean().nullable(),
  /** Roles that the entry was for, as he had them. */
  roles: z.array(roleSchema),
  verdict: verdictSchema,
  reason: explainReasonSchema,
  /** Connections that it was written to. */
  connections: z.int(),
  writtenAt: timestampSchema.nullable(),
  appliedAt: timestampSchema.nullable(),
})
export type SeenRow = z.infer<typeof seenRowSchema>

/** A time in which a user's rights let him see the item. */
export const viewerRowSchema = z.object({
  userId: z.string(),
  username: z.string().nullable(),
  from: timestampSchema,
  /** The moment at which it ended; null where it had not by the end of what was asked. */
  until: timestampSchema.nullable(),
  roles: z.array(roleSchema),
  /** Grants among them, as `role id`. */
  grants: z.array(z.string()),
  by: z.string().nullable(),
  /** Whether changes of the item went to him by themselves, and whether he might read it over REST. */
  byEvents: z.boolean().nullable(),
  byReading: z.boolean(),
  /** Entries about the item in this time; those that he was allowed; those written to him; those his clients applied. */
  entries: z.int(),
  allowed: z.int(),
  written: z.int(),
  applied: z.int(),
  unknown: z.int(),
  /** Connections that got any of it: how many, and the first 20. */
  connections: z.int(),
  sockets: z.array(z.string()),
})
export type ViewerRow = z.infer<typeof viewerRowSchema>

import { z } from 'zod'
import {
  jsonObjectSchema,
  momentSchema,
  pageSchema,
  roleSchema,
  timestampSchema,
} from './common.js'
import { roomSchema } from './users.js'

/** Longest name of an event, in UTF-16 code units. */
export const MAX_EVENT_NAME = 128

export const messageTargetSchema = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ userId: z.string().min(1).max(200) }),
  z.strictObject({ role: roleSchema }),
  z.strictObject({ room: roomSchema }),
])
export type MessageTarget = z.infer<typeof messageTargetSchema>

export const messageSchema = z.strictObject({
  to: messageTargetSchema,
  event: z.string().min(1).max(MAX_EVENT_NAME),
  data: jsonObjectSchema,
})
export type Message = z.infer<typeof messageSchema>

export const connectionSchema = z.object({
  socketId: z.string(),
  userId: z.string(),
  username: z.string(),
  role: roleSchema,
  /** With what is granted now. */
  roles: z.array(roleSchema),
  node: z.string(),
  ip: z.string(),
  userAgent: z.string().nullable(),
  transport: z.string(),
  connectedAt: timestampSchema,
  sessionExpiresAt: timestampSchema.nullable(),
})
export type Connection = z.infer<typeof connectionSchema>

/** `missingNodes` names the nodes that did not answer in 500 ms; `connections` is what the others hold. */
export const connectionsPageSchema = z.object({
  connections: z.array(connectionSchema),
  nodes: z.array(z.string()),
  missingNodes: z.array(z.string()),
})
export type ConnectionsPage = z.infer<typeof connectionsPageSchema>

export const ATTEMPT_OUTCOMES = ['accepted', 'refused', 'aborted', 'closed'] as const
export const attemptOutcomeSchema = z.enum(ATTEMPT_OUTCOMES)
export type AttemptOutcome = z.infer<typeof attemptOutcomeSchema>

export const connectionAttemptSchema = z.object({
  at: timestampSchema,
  outcome: attemptOutcomeSchema,
  code: z.string().nullable(),
  userId: z.string().nullable(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  origin: z.string().nullable(),
  transport: z.string().nullable(),
  node: z.string(),
  socketId: z.string().nullable(),
  /** Attempts that the row stands for: a flood of refusals alike is counted, not listed. */
  count: z.int().min(1),
})
export type ConnectionAttempt = z.infer<typeof connectionAttemptSchema>

export const attemptsQuerySchema = pageSchema(1000, 100).extend({
  userId: z.string().max(200).optional(),
  outcome: attemptOutcomeSchema.optional(),
  since: momentSchema.optional(),
  /** The end of the time that is asked for; itself not in it. */
  until: momentSchema.optional(),
})
export type AttemptsQuery = z.infer<typeof attemptsQuerySchema>

export const attemptsPageSchema = z.object({
  attempts: z.array(connectionAttemptSchema),
  nextCursor: z.string().nullable(),
})
export type AttemptsPage = z.infer<typeof attemptsPageSchema>

import { z } from 'zod'
import { alertEventSchema, alertIdSchema } from './alerts.js'
import { breakGlassEventSchema } from './break-glass.js'
import {
  epochSchema,
  pageSchema,
  positionSchema,
  roleSchema,
  seqSchema,
  timestampSchema,
} from './common.js'
import { ERRORS, type ErrorCode } from './errors.js'
import {
  divergenceSchema,
  inventoryDigestSchema,
  inventoryUpdateSchema,
  lowStockSchema,
} from './inventory.js'

// The keys of the table are its codes; Object.keys cannot say so.
const errorCodeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])

export const errorDataSchema = z.object({
  code: errorCodeSchema,
  retryable: z.boolean(),
  needsNewToken: z.literal(true).optional(),
  retryAfterMs: z.int().min(0).optional(),
})

export const wireErrorSchema = errorDataSchema.extend({ message: z.string() })
export type WireError = z.infer<typeof wireErrorSchema>

/**
 * First event of a socket. `position` is where its events start: everything up to it is known to the caller
 * (a snapshot, or the past it came with), everything after it follows. Null where the service has no log.
 */
export const connectedSchema = z.object({
  message: z.string(),
  userId: z.string(),
  username: z.string(),
  role: roleSchema,
  /** All that the user may act as now: `role` and what is granted for a time, sorted. */
  roles: z.array(roleSchema),
  sessionExpiresAt: timestampSchema.nullable(),
  position: positionSchema.nullable(),
  resumed: z.boolean(),
})
export type Connected = z.infer<typeof connectedSchema>

export const RESET_REASONS = [
  'epoch_changed',
  'position_too_old',
  'position_in_future',
  'position_invalid',
  'snapshot_cheaper',
] as const

/** The events between the caller's position and `position` are not replayed: read the snapshot, then go on. */
export const logResetSchema = z.object({ position: positionSchema, reason: z.enum(RESET_REASONS) })
export type LogReset = z.infer<typeof logResetSchema>

export const sessionClosingSchema = wireErrorSchema
export type SessionClosing = z.infer<typeof sessionClosingSchema>

/** Every event the server sends by itself, and its payload. */
export const SERVER_EVENTS = {
  connected: connectedSchema,
  'inventory:update': inventoryUpdateSchema,
  'inventory:lowStock': lowStockSchema,
  'inventory:digest': inventoryDigestSchema,
  'alert:raised': alertEventSchema,
  'alert:changed': alertEventSchema,
  'break_glass:opened': breakGlassEventSchema,
  'break_glass:reviewed': breakGlassEventSchema,
  'log:reset': logResetSchema,
  'auth:expiring': z.object({ expiresAt: timestampSchema }),
  'session:role': z.object({ role: roleSchema, roles: z.array(roleSchema), seq: seqSchema }),
  'session:closing': sessionClosingSchema,
} as const

export type ServerEventName = keyof typeof SERVER_EVENTS
export type ServerEventPayload<E extends ServerEventName> = z.infer<(typeof SERVER_EVENTS)[E]>

export const authRefreshSchema = z.strictObject({ token: z.string() })
export const authRefreshResultSchema = z.union([
  z.object({ ok: z.literal(true), sessionExpiresAt: timestampSchema.nullable() }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
])
export type AuthRefreshResult = z.infer<typeof authRefreshResultSchema>

export const divergedResultSchema = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
])
export type DivergedResult = z.infer<typeof divergedResultSchema>
/** Says that the user has seen the alert; the first time counts. */
export const alertSeenSchema = z.strictObject({ id: alertIdSchema })
export const alertSeenResultSchema = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
])
export type AlertSeenResult = z.infer<typeof alertSeenResultSchema>

/** Says that the client has applied all that it was sent up to there. What is of another log is ignored. */
export const appliedSchema = z.strictObject({ epoch: epochSchema, seq: seqSchema })
export type Applied = z.infer<typeof appliedSchema>
export const appliedResultSchema = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
])
export type AppliedResult = z.infer<typeof appliedResultSchema>

/** Every event a client may send; each is answered through its acknowledgement, where one is asked for. */
export const CLIENT_EVENTS = {
  'auth:refresh': { payload: authRefreshSchema, ack: authRefreshResultSchema },
  'inventory:diverged': { payload: divergenceSchema, ack: divergedResultSchema },
  'alert:seen': { payload: alertSeenSchema, ack: alertSeenResultSchema },
  applied: { payload: appliedSchema, ack: appliedResultSchema },
} as const

export type ClientEventName = keyof typeof CLIENT_EVENTS
export type ClientEventPayload<E extends ClientEventName> = z.infer<
  (typeof CLIENT_EVENTS)[E]['payload']
>
export type ClientEventResult<E extends ClientEventName> = z.infer<(typeof CLIENT_EVENTS)[E]['ack']>

/** Socket.IO's map of server-to-client events. */
export type ServerToClientEvents = {
  [E in ServerEventName]: (payload: ServerEventPayload<E>) => void
}

/** Socket.IO's map of client-to-server events. */
export type ClientToServerEvents = {
  [E in ClientEventName]: (
    payload: ClientEventPayload<E>,
    ack: (result: ClientEventResult<E>) => void,
  ) => void
}

/** What a client puts into the handshake's `auth`. */
export const handshakeAuthSchema = z.object({
  token: z.string().optional(),
  position: positionSchema.optional(),
})
export type HandshakeAuth = z.infer<typeof handshakeAuthSchema>

/** One entry of the log as `GET /api/events` gives it: the event's name and the payload a socket would have got. */
export const loggedEventSchema = z.object({
  seq: seqSchema,
  name: z.string(),
  payload: z.record(z.string(), z.unknown()),
  at: timestampSchema,
})
export type LoggedEvent = z.infer<typeof loggedEventSchema>

export const eventsQuerySchema = pageSchema(1000, 200)
  .omit({ cursor: true })
  .extend({ since: z.coerce.number().int().min(0).default(0), epoch: epochSchema.optional() })

/** `position` is the caller's next `since`; `reset` says that events before it are gone and why. */
export const eventsPageSchema = z.object({
  events: z.array(loggedEventSchema),
  position: positionSchema,
  hasMore: z.boolean(),
  reset: logResetSchema.shape.reason.optional(),
})
export type EventsPage = z.infer<typeof eventsPageSchema>

/** RFC 9457 problem details, with our stable `code`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: errorCodeSchema,
    detail: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .loose()
export type Problem = z.infer<typeof problemSchema>

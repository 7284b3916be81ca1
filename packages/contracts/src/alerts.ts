import { z } from 'zod'
import { pageSchema, positionSchema, seqSchema, textSchema, timestampSchema } from './common.js'
import { existingSkuSchema } from './inventory.js'

/**
 * `low_stock` and `out_of_stock` are of an item and go by what is usable; `expiring` and `expired` are of a lot that still
 * holds something.
 */
export const alertKindSchema = z.enum(['low_stock', 'out_of_stock', 'expiring', 'expired'])
export type AlertKind = z.infer<typeof alertKindSchema>

/** `resolved`: the cause is gone, whether or not anybody had acknowledged it. */
export const alertStateSchema = z.enum(['open', 'acknowledged', 'resolved'])
export type AlertState = z.infer<typeof alertStateSchema>

/** The id of an alert: within PostgreSQL's bigint. */
export const alertIdSchema = z.string().regex(/^[1-9]\d{0,17}$/, 'is not the id of an alert')

/** Something that somebody has to act on, from its raising until its cause is gone. */
export const alertSchema = z.object({
  id: alertIdSchema,
  kind: alertKindSchema,
  sku: z.string(),
  /** The item's name. */
  name: z.string(),
  /** With `expiring` and `expired`. */
  lotNumber: z.string().optional(),
  state: alertStateSchema,
  raisedAt: timestampSchema,
  /** Number of the log entry that raised it. */
  seq: seqSchema,
  /** When it went to the next roles as well, because nobody had acknowledged it. */
  escalatedAt: timestampSchema.optional(),
  /** Id of the user who was the first to acknowledge it. */
  acknowledgedBy: z.string().optional(),
  acknowledgedByUsername: z.string().optional(),
  acknowledgedAt: timestampSchema.optional(),
  note: z.string().optional(),
  resolvedAt: timestampSchema.optional(),
  /** Each user once, in the order in which they saw it first. */
  seenBy: z.array(z.object({ userId: z.string(), username: z.string(), at: timestampSchema })),
})
export type Alert = z.infer<typeof alertSchema>

/** Payload of `alert:raised` and `alert:changed`: the whole alert as committed. */
export const alertEventSchema = z.object({
  seq: seqSchema,
  alert: alertSchema,
  timestamp: timestampSchema,
})
export type AlertEvent = z.infer<typeof alertEventSchema>

export const alertsQuerySchema = pageSchema(500, 100).extend({
  /** `unresolved`: open or acknowledged. */
  state: z.enum([...alertStateSchema.options, 'unresolved']).optional(),
  kind: alertKindSchema.optional(),
  sku: existingSkuSchema.optional(),
})
export type AlertsQuery = z.infer<typeof alertsQuerySchema>

/** Alerts that the caller may see, the newest first, as they stood at `position`. */
export const alertsPageSchema = z.object({
  alerts: z.array(alertSchema),
  nextCursor: z.string().nullable(),
  position: positionSchema,
})
export type AlertsPage = z.infer<typeof alertsPageSchema>

export const acknowledgeAlertSchema = z.strictObject({ note: textSchema(500).optional() })
export type AcknowledgeAlert = z.infer<typeof acknowledgeAlertSchema>

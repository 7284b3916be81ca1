import { z } from 'zod'
import { timestampSchema } from './common.js'

/**
 * What a node measured in equal steps, oldest first: all lists are of one length. `until` is the end of the last step, by
 * the database's clock; a node that has just started has few.
 */
export const systemSeriesSchema = z.object({
  until: timestampSchema,
  everyMs: z.int().min(1),
  /** Sockets at the end of the step. */
  connections: z.array(z.int().min(0)),
  /** Entries of the log that were delivered in the step, per second. */
  eventsPerSecond: z.array(z.number().min(0)),
  /**
   * Milliseconds within which 95 of 100 entries of the step were written to the sockets, from their COMMIT; null where
   * there was none.
   */
  deliveryMs: z.array(z.number().min(0).nullable()),
  /** Milliseconds since the head of the log was confirmed, the most of the step; null where it never was. */
  logAgeMs: z.array(z.number().min(0).nullable()),
})
export type SystemSeries = z.infer<typeof systemSeriesSchema>

/** What a node says of itself. */
export const systemNodeSchema = z.object({
  node: z.string(),
  startedAt: timestampSchema,
  /** Whether it admits callers; the rest says why not. */
  ready: z.boolean(),
  database: z.enum(['up', 'read_only', 'down']),
  redis: z.enum(['up', 'degraded', 'down', 'unused']),
  log: z.enum(['fresh', 'stale']),
  series: systemSeriesSchema,
})
export type SystemNode = z.infer<typeof systemNodeSchema>

/** `missingNodes` names the nodes that did not answer in 500 ms; `nodes` are the others, by name. */
export const systemSchema = z.object({
  answeredBy: z.string(),
  nodes: z.array(systemNodeSchema),
  missingNodes: z.array(z.string()),
})
export type System = z.infer<typeof systemSchema>

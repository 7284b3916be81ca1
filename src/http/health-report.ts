import { positionSchema } from '@uzima/contracts'
import { z } from 'zod'
import { REDIS_REASONS } from '../ports/redis-state.js'

const stateSchema = z.enum(['up', 'down'])

/** What `/health/ready` answers. */
export const healthReportSchema = z.object({
  ready: z.boolean(),
  /** Why nobody is admitted though the database answers: changes would not come out of the log, because triggers are off. */
  reason: z.string().optional(),
  /** `writable`: false where the disk of the embedded store is almost full, or where the database only reads. */
  database: z.object({ state: stateSchema, writable: z.boolean().optional() }),
  /**
   * `unused` where there is one node. `degraded` and `down`, each with a reason, do not make the node unready: no stock
   * event and no revocation needs Redis.
   */
  redis: z.object({
    state: z.enum([...stateSchema.options, 'degraded', 'unused']),
    reason: z.enum(REDIS_REASONS).optional(),
  }),
  /** `ageMs`: how long ago the head of the log was confirmed, so how old what the sockets see may be; null for unknown. */
  log: z.object({
    state: z.enum(['fresh', 'stale']),
    ageMs: z.number().nullable(),
    ...positionSchema.partial().shape,
  }),
})
export type HealthReport = z.infer<typeof healthReportSchema>

/** Tells how this node is. Rejecting counts as not ready. */
export interface Health {
  readonly report: () => Promise<HealthReport>
}

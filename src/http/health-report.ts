import { z } from 'zod'

const stateSchema = z.enum(['up', 'down'])

/** What `/health/ready` answers. `redis` is `unused` where there is one node. */
export const healthReportSchema = z.object({
  ready: z.boolean(),
  node: z.string().optional(),
  database: z.looseObject({ state: stateSchema }),
  redis: z.looseObject({ state: z.enum([...stateSchema.options, 'unused']) }),
  /** `ageMs`: how long ago this node last knew the head of the log. */
  log: z.looseObject({ state: z.enum(['fresh', 'stale']), ageMs: z.number().nullable() }),
})
export type HealthReport = z.infer<typeof healthReportSchema>

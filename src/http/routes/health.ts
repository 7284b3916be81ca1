import { z } from 'zod'
import type { Logger } from '../../observability/logger.js'
import { healthReportSchema, type Health, type HealthReport } from '../health-report.js'
import type { Routes } from '../app.js'

/** `GET /health/live`, `GET /health/ready`. */
export const healthRoutes =
  (health: Health, logger: Logger): Routes =>
  (app) => {
    const tags = ['operation']

    app.get(
      '/health/live',
      {
        schema: {
          tags,
          summary: 'Whether the process answers at all',
          response: { 200: z.object({ live: z.literal(true) }) },
        },
      },
      async (_request, reply) =>
        reply
          .header('cache-control', 'no-store')
          // The page that explains the certificate asks from plain HTTP whether it gets here; it learns nothing else.
          .header('cross-origin-resource-policy', 'cross-origin')
          .send({ live: true }),
    )

    app.get(
      '/health/ready',
      {
        schema: {
          tags,
          summary: 'Whether to send this node callers: database, Redis, age of the log',
          response: { 200: healthReportSchema, 503: healthReportSchema },
        },
      },
      async (_request, reply) => {
        const report = await health.report().catch((error: unknown) => {
          logger.warn({ err: error }, 'the state of this node cannot be told')
          return UNKNOWN
        })
        return reply
          .header('cache-control', 'no-store')
          .code(report.ready ? 200 : 503)
          .send(report)
      },
    )
  }

const UNKNOWN: HealthReport = {
  ready: false,
  database: { state: 'down' },
  redis: { state: 'down' },
  log: { state: 'stale', ageMs: null },
}

import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { bearerToken } from '../../auth/bearer-token.js'
import { AppError } from '../../errors/app-error.js'
import type { Metrics } from '../../observability/metrics.js'
import type { Routes } from '../app.js'

/** What the route of the metrics needs. */
export interface MetricsRouteDeps {
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>
  /** Bearer token that is asked for; undefined: anybody may read. */
  readonly metricsToken: string | undefined
}

/** `GET /metrics`, in Prometheus' text format. */
export const metricsRoutes =
  ({ metrics, metricsToken }: MetricsRouteDeps): Routes =>
  (app) => {
    app.get(
      '/metrics',
      {
        schema: {
          tags: ['operation'],
          summary: 'Metrics in the text format of Prometheus',
          response: { 200: { content: { 'text/plain': { schema: z.string() } } } },
        },
      },
      async (request, reply) => {
        if (metricsToken !== undefined) {
          const token = bearerToken(request.headers.authorization)
          if (token === undefined) throw new AppError('AUTH_TOKEN_MISSING')
          if (!isSame(token, metricsToken)) throw new AppError('AUTH_TOKEN_INVALID')
        }
        return reply
          .header('cache-control', 'no-store')
          .type(metrics.contentType)
          .send(await metrics.render())
      },
    )
  }

/** Compares digests, so that neither text nor length shows in the time that it takes. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

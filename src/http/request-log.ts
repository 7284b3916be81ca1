import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { findPrincipal } from '../middleware/http-auth.js'
import { problemCodeOf } from './problem.js'
import { trailOf } from './request-trail.js'
import type { Logger } from '../observability/logger.js'
import type { Metrics } from '../observability/metrics.js'

/** What the log of requests needs. */
export interface RequestLogDeps {
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'answered'>
  readonly addressOf: (request: IncomingMessage) => string
}

/** Asked every few seconds by machines; a line each would bury the rest. */
const QUIET_ROUTES = new Set(['/health/live', '/health/ready', '/metrics'])

/**
 * Writes one line for each request and counts it: its id, method, pattern of the route, status, code, duration, address, user. The
 * path, the query and the headers stay out of it, because they may hold what is nobody's business.
 */
export const addRequestLog = (app: FastifyInstance, deps: RequestLogDeps): void => {
  const factsOf = (request: FastifyRequest) => ({
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    ip: deps.addressOf(request.raw),
    userId: findPrincipal(request)?.user.id ?? null,
    ...trailOf(request),
  })

  app.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const facts = factsOf(request)
    const level = QUIET_ROUTES.has(facts.route) ? 'debug' : 'info'
    const code = problemCodeOf(request)
    deps.logger[level](
      { ...facts, status: reply.statusCode, ...(code === undefined ? {} : { code }), ms },
      'request',
    )
    deps.metrics.answered({
      method: facts.method,
      route: facts.route,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1_000,
    })
    done()
  })

  app.addHook('onRequestAbort', (request, done) => {
    deps.logger.info(factsOf(request), 'request aborted by the caller')
    done()
  })
}

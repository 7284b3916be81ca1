import type { FastifyInstance, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { Span } from '@opentelemetry/api'
import type { Journeys } from '../observability/journeys.js'
import {
  failed,
  runWithin,
  traceIdOf,
  traceparentOf,
  type Tracing,
} from '../observability/tracing.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * By which of `changeKeys` the log's entry of what the route has done is known, from its answer. Left out where it changes
     * nothing, or nothing that can be told apart.
     */
    changes?: (request: FastifyRequest, answer: unknown) => string
  }
}

export interface TrailDeps {
  readonly tracing: Pick<Tracing, 'request' | 'commit'>
  readonly journeys: Pick<Journeys, 'begin'>
}

/** What a request leaves behind in log lines, spans and the delivery of what it changed. */
interface Trail {
  readonly requestId: string
  readonly span: Span
  /** Of a request that may change something, once it begins to. */
  change?: { readonly span: Span; readonly settle: (key: string | undefined) => void }
}

/** No dots: what a log would be asked to keep is no token. */
const REQUEST_ID = /^[\w-]{1,64}$/
const SERVER_ERROR = 500

/**
 * Gives each request of `app` its id, the caller's `X-Request-Id` where that is one, and its span, whose name goes to the caller
 * as `Server-Timing` where somebody records it.
 */
export const addRequestTrail = (app: FastifyInstance, { tracing }: TrailDeps): void => {
  app.decorateRequest(TRAIL)

  app.addHook('onRequest', (request, reply, done) => {
    const { method, headers, routeOptions } = request
    const route = routeOptions.url ?? 'none'
    const asked = headers['x-request-id']
    const requestId = typeof asked === 'string' && REQUEST_ID.test(asked) ? asked : randomUUID()
    const span = tracing.request(`${method} ${route}`, headers)
    request.setDecorator<Trail>(TRAIL, { requestId, span })
    void reply.header('x-request-id', requestId)
    const traceparent = traceparentOf(span)
    if (traceparent !== undefined) {
      void reply.header('server-timing', `traceparent;desc="${traceparent}"`)
      span.setAttributes({
        'http.request.method': method,
        'http.route': route,
        'uzima.request.id': requestId,
      })
    }
    runWithin(span, done)
  })

  app.addHook('onResponse', (request, reply, done) => {
    const span = request.getDecorator<Trail | undefined>(TRAIL)?.span
    if (span?.isRecording() === true) {
      span.setAttribute('http.response.status_code', reply.statusCode)
      if (reply.statusCode >= SERVER_ERROR) failed(span)
      span.end()
    }
    done()
  })
}

/** Follows what the routes of `api` change. Call it after those who may still make a request wait. */
export const addChangeTrail = (api: FastifyInstance, { tracing, journeys }: TrailDeps): void => {
  api.addHook('preHandler', (request, _reply, done) => {
    const trail = request.getDecorator<Trail | undefined>(TRAIL)
    if (trail === undefined || request.routeOptions.config.changes === undefined) {
      done()
      return
    }
    const span = tracing.commit(trail.span)
    trail.change = { span, settle: journeys.begin({ requestId: trail.requestId, span }) }
    runWithin(span, done)
  })

  const settle = (request: FastifyRequest, answer: unknown, isDone: boolean): void => {
    const trail = request.getDecorator<Trail | undefined>(TRAIL)
    const { changes } = request.routeOptions.config
    if (trail?.change === undefined || changes === undefined) return
    const { change } = trail
    delete trail.change
    if (!isDone) failed(change.span)
    change.span.end()
    change.settle(isDone ? changes(request, answer) : undefined)
  }

  api.addHook('preSerialization', (request, reply, answer: unknown, done) => {
    settle(request, answer, reply.statusCode < 400)
    done(null, answer)
  })

  // Refusals are bytes already, and some answers are empty.
  api.addHook('onSend', (request, reply, payload, done) => {
    settle(request, undefined, reply.statusCode < 400)
    done(null, payload)
  })
}

/** What a log line says of a request: by its id, and its trace where somebody records it, others of its lines are found. */
export const trailOf = (request: FastifyRequest): { requestId?: string; traceId?: string } => {
  const trail = request.getDecorator<Trail | undefined>(TRAIL)
  if (trail === undefined) return {}
  const traceId = traceIdOf(trail.span)
  return { requestId: trail.requestId, ...(traceId === undefined ? {} : { traceId }) }
}

const TRAIL = 'trail'

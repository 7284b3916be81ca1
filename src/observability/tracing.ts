import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type HrTime,
  type Span,
} from '@opentelemetry/api'
import { VERSION } from './version.js'
import type { Asking, Delivered } from './journeys.js'

/**
 * Spans through OpenTelemetry's API: who registers no provider gets none, and each call here is then one that does nothing.
 * docs/operations.md tells how to register one.
 */
export interface Tracing {
  /** The span of an HTTP request, as the child of whoever sent it. */
  readonly request: (
    name: string,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ) => Span
  /** From the moment in which the work of a request begins to the answer of its COMMIT. */
  readonly commit: (request: Span) => Span
  /**
   * From its COMMIT to the sockets of this node; of an entry that nobody asked this node for, a trace of its own. Where it is
   * recorded, call what is given back when the first client says that it has applied the entry.
   */
  readonly delivered: (
    delivered: Delivered,
    facts: LogFacts,
    asking?: Asking,
  ) => ((appliedAt: number) => void) | undefined
}

/** What else is known of an entry. */
export interface LogFacts {
  /** Of the log; with it the number of an entry says the same on every node. */
  readonly epoch: string
  readonly sockets: number
}

export const createTracing = (): Tracing => {
  const tracer = trace.getTracer('uzima-realtime', VERSION)

  return {
    request(name, headers) {
      const active = context.active()
      // An instrumentation of Node's own HTTP server has read the header already.
      const parent =
        trace.getSpan(active) === undefined ? propagation.extract(active, headers) : active
      return tracer.startSpan(name, { kind: SpanKind.SERVER }, parent)
    },
    commit: (request) => tracer.startSpan('commit', {}, within(request)),
    delivered(delivered, { epoch, sockets }, asking) {
      const { seq, event, committedAt, takenAt, writtenAt } = delivered
      const parent = asking === undefined ? ROOT_CONTEXT : within(asking.span)
      const attributes = { 'uzima.log.epoch': epoch, 'uzima.log.seq': seq, 'uzima.event': event }
      const log = tracer.startSpan(
        'log',
        { kind: SpanKind.CONSUMER, startTime: timeOf(committedAt), attributes },
        parent,
      )
      const isRecording = log.isRecording()
      if (isRecording) {
        tracer
          .startSpan(
            'write',
            {
              kind: SpanKind.PRODUCER,
              startTime: timeOf(takenAt),
              attributes: { ...attributes, 'uzima.sockets': sockets },
            },
            within(log),
          )
          .end(timeOf(writtenAt))
      }
      log.end(timeOf(takenAt))
      if (!isRecording) return undefined
      return (appliedAt) => {
        tracer
          .startSpan(
            'applied',
            { kind: SpanKind.CONSUMER, startTime: timeOf(writtenAt), attributes },
            within(log),
          )
          .end(timeOf(appliedAt))
      }
    },
  }
}

/** The context of what happens within a span. */
export const within = (span: Span): Context => trace.setSpan(context.active(), span)

/** Runs `work` and all that it starts within the span: what instruments the database finds it there. */
export const runWithin = (span: Span, work: () => void): void => {
  // Nobody asks for the context of nothing.
  if (span.isRecording()) context.with(within(span), work)
  else work()
}

/** The trace that a span belongs to, ended or not; undefined where nobody traces. */
export const traceIdOf = (span: Span): string | undefined => {
  const own = span.spanContext()
  return isSpanContextValid(own) ? own.traceId : undefined
}

/** The span as a `traceparent`, for a caller that wants to link to it. */
export const traceparentOf = (span: Span): string | undefined => {
  if (!span.isRecording()) return undefined
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** Marks the span as failed; the message of an error stays out of it. */
export const failed = (span: Span): void => {
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** With what is below a millisecond, which most of these spans are. */
const timeOf = (ms: number): HrTime => [
  Math.trunc(ms / 1_000),
  Math.round((ms - Math.trunc(ms / 1_000) * 1_000) * 1_000_000),
]

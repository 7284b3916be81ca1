import type { Counter, Gauge } from 'prom-client'
import type { MakeMetrics } from './make-metrics.js'

/** One request that was answered. */
export interface HttpAnswer {
  readonly method: string
  /** The pattern of the route, never the path that was asked for. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** What a node tells of its requests. */
export interface HttpMetrics {
  readonly answered: (answer: HttpAnswer) => void
  /** Requests that wait for the share of their user, and that were refused because too many did; set by `beforeScrape`. */
  readonly shares: { readonly waiting: Gauge<'work'>; readonly refused: Counter<'work'> }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'])

export const createHttpMetrics = ({ gauge, counter, latency }: MakeMetrics): HttpMetrics => {
  const requests = counter('uzima_http_requests_total', 'HTTP requests answered.', [
    'method',
    'route',
    'status',
  ])
  const requestSeconds = latency(
    'uzima_http_request_seconds',
    'Seconds from an HTTP request to its answer.',
    ['method', 'route'],
  )
  return {
    answered: ({ method, route, status, seconds }) => {
      const labels = { method: METHODS.has(method) ? method : 'other', route }
      requests.inc({ ...labels, status: status.toString() })
      requestSeconds.observe(labels, seconds)
    },
    shares: {
      waiting: gauge(
        'uzima_http_share_waiting',
        'Requests that wait for the share of their user or account.',
        ['work'],
      ),
      refused: counter(
        'uzima_http_share_refused_total',
        'Requests refused because too many of their user or account waited, or one too long.',
        ['work'],
      ),
    },
  }
}

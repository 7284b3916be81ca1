import { isErrorCode, type AttemptOutcome } from '@uzima/contracts'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * What the process counts. Labels take values of fixed lists only, so that no caller can make series without bound;
 * what is in no list is counted as `other`.
 */
export interface Metrics {
  /** Sockets on this node now. Set by `beforeScrape`. */
  readonly connections: Gauge<'transport'>
  /** Number up to which this node has delivered the log. */
  readonly logPositionSeq: Gauge
  /** Seconds since this node last knew the head of the log. */
  readonly logConfirmedAge: Gauge
  /** Seconds from the COMMIT of a change to its being written to the sockets of this node. */
  readonly commitToDelivery: Histogram
  /** Seconds from the COMMIT that ended a right to its sockets being closed or re-roomed on this node. */
  readonly revocation: Histogram
  /** Ad-hoc messages that did not reach the other nodes because Redis was away. */
  readonly adhocDropped: Counter
  /** Clients' views that were not what the database said. */
  readonly divergences: Counter
  /** Requests that wait for the share of their user, and that were refused because too many did; set by `beforeScrape`. */
  readonly shares: { readonly waiting: Gauge<'work'>; readonly refused: Counter<'work'> }
  readonly attempted: (outcome: AttemptOutcome, code: string | null) => void
  /** `route` is the pattern of the route, never the path that was asked for. */
  readonly answered: (request: HttpAnswer) => void
  /** Runs before each scrape: sets the gauges that are read rather than counted. */
  readonly beforeScrape: (refresh: () => void | Promise<void>) => void
  /** The exposition text for `/metrics`. */
  readonly render: () => Promise<string>
  readonly contentType: string
}

export interface HttpAnswer {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly seconds: number
}

const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'])

/** Makes the metrics of one server, in a registry of their own. */
export const createMetrics = (): Metrics => {
  const refreshers: (() => void | Promise<void>)[] = []
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers })
  const latency = (name: string, help: string): Histogram =>
    new Histogram({ name, help, registers, buckets: LATENCY_BUCKETS })

  const renderNow = async (): Promise<string> => {
    for (const refresh of refreshers) await refresh()
    return registry.metrics()
  }
  // Each looks at every socket: those who ask at once share one.
  let rendering: Promise<string> | undefined

  collectDefaultMetrics({ register: registry })
  const attempts = new Counter({
    name: 'uzima_connection_attempts_total',
    help: 'Connection attempts by what became of them.',
    labelNames: ['outcome', 'code'],
    registers,
  })
  const requests = new Counter({
    name: 'uzima_http_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const requestSeconds = new Histogram({
    name: 'uzima_http_request_seconds',
    help: 'Seconds from an HTTP request to its answer.',
    labelNames: ['method', 'route'],
    buckets: LATENCY_BUCKETS,
    registers,
  })

  return {
    connections: new Gauge({
      name: 'uzima_connections',
      help: 'Sockets on this node.',
      labelNames: ['transport'],
      registers,
    }),
    shares: {
      waiting: new Gauge({
        name: 'uzima_http_share_waiting',
        help: 'Requests that wait for the share of their user or account.',
        labelNames: ['work'],
        registers,
      }),
      refused: new Counter({
        name: 'uzima_http_share_refused_total',
        help: 'Requests refused because too many of their user or account waited, or one too long.',
        labelNames: ['work'],
        registers,
      }),
    },
    logPositionSeq: gauge('uzima_log_position_seq', 'Number up to which this node has delivered.'),
    logConfirmedAge: gauge(
      'uzima_log_confirmed_age_seconds',
      'Seconds since this node last read the head of the log.',
    ),
    commitToDelivery: latency(
      'uzima_commit_to_delivery_seconds',
      'Seconds from COMMIT to the sockets of this node.',
    ),
    revocation: latency(
      'uzima_revocation_seconds',
      'Seconds from the COMMIT that ended a right to its end on this node.',
    ),
    adhocDropped: new Counter({
      name: 'uzima_adhoc_dropped_total',
      help: 'Ad-hoc messages that could not be handed to the other nodes.',
      registers,
    }),
    divergences: new Counter({
      name: 'uzima_client_divergences_total',
      help: 'Views of clients that had another digest than the database.',
      registers,
    }),
    attempted: (outcome, code) => {
      attempts.inc({ outcome, code: code === null ? 'none' : isErrorCode(code) ? code : 'other' })
    },
    answered: ({ method, route, status, seconds }) => {
      const labels = { method: METHODS.has(method) ? method : 'other', route }
      requests.inc({ ...labels, status: status.toString() })
      requestSeconds.observe(labels, seconds)
    },
    beforeScrape: (refresh) => {
      refreshers.push(refresh)
    },
    render: () => {
      rendering ??= renderNow().finally(() => {
        rendering = undefined
      })
      return rendering
    },
    contentType: registry.contentType,
  }
}

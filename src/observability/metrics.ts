import { collectDefaultMetrics, Registry } from 'prom-client'
import { createHttpMetrics, type HttpMetrics } from './http-metrics.js'
import { createLogMetrics, type LogMetrics } from './log-metrics.js'
import { makeMetricsOf, type MetricLine } from './make-metrics.js'
import { createNodeMetrics, type NodeMetrics } from './node-metrics.js'
import { createSocketMetrics, type SocketMetrics } from './socket-metrics.js'

/**
 * What the process counts. Labels take values of fixed lists only, so that no caller can make series without bound;
 * what is in no list is counted as `other`.
 */
export interface Metrics extends LogMetrics, SocketMetrics, HttpMetrics, NodeMetrics {
  /** Runs before each scrape: sets the gauges that are read rather than counted. */
  readonly beforeScrape: (refresh: () => void | Promise<void>) => void
  /** The exposition text for `/metrics`. */
  readonly render: () => Promise<string>
  readonly contentType: string
  /** Name, kind, meaning and labels of each of our own metrics, for the document about them. */
  readonly list: () => readonly MetricLine[]
}

/** Makes the metrics of one server, in a registry of their own. */
export const createMetrics = (): Metrics => {
  const refreshers: (() => void | Promise<void>)[] = []
  const registry = new Registry()
  const make = makeMetricsOf(registry)

  const renderNow = async (): Promise<string> => {
    for (const refresh of refreshers) await refresh()
    return registry.metrics()
  }
  // Each looks at every socket: those who ask at once share one.
  let rendering: Promise<string> | undefined

  collectDefaultMetrics({ register: registry })
  return {
    ...createNodeMetrics(make),
    ...createSocketMetrics(make),
    ...createLogMetrics(make),
    ...createHttpMetrics(make),
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
    list: make.list,
  }
}

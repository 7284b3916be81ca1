import type { Logger } from '../observability/logger.js'
import type { Metrics } from '../observability/metrics.js'
import type { HubObserver } from './hub.js'

/** Turns what the hub tells into log lines and metrics. */
export const observeHub = (deps: {
  readonly logger: Logger
  readonly metrics: Metrics
}): HubObserver => ({
  redisState(up) {
    if (up) deps.logger.info('Redis is reachable: messages reach all nodes')
    else deps.logger.warn('Redis is away: messages reach this node only, stock events go on')
  },
  dropped(direction, error) {
    deps.metrics.adhocDropped.inc()
    if (direction === 'in')
      deps.logger.warn({ err: error }, 'A message of another node was not understood')
  },
  delivered(entry) {
    const seconds = (Date.now() - entry.at.getTime()) / 1_000
    const latency = entry.name.startsWith('inventory:')
      ? deps.metrics.commitToDelivery
      : deps.metrics.revocation
    latency.observe(Math.max(seconds, 0))
  },
  failed(what, error) {
    deps.logger.error({ err: error }, `Failed: ${what}`)
  },
})

import type { RevocationAcks } from '../audit/revocation-acks.js'
import type { LogEntry } from '../log/event-log.js'
import type { Logger } from '../observability/logger.js'
import type { Metrics } from '../observability/metrics.js'
import type { HubObserver } from './hub.js'
import { isPublicEntry } from './frames.js'

/** Turns what the hub tells into log lines and metrics. */
export const observeHub = (deps: {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly acks: Pick<RevocationAcks, 'acknowledge'>
  /** Milliseconds since 1970, by the database's clock. */
  readonly now: () => number
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
    if (isPublicEntry(entry))
      deps.metrics.commitToDelivery.observe(msSince(entry, deps.now()) / 1_000)
  },
  revoked(entry, { closed, moved }) {
    const appliedAfterMs = msSince(entry, deps.now())
    deps.metrics.revocation.observe(appliedAfterMs / 1_000)
    deps.acks.acknowledge({
      seq: entry.seq,
      socketsClosed: closed,
      socketsMoved: moved,
      appliedAfterMs,
    })
  },
  failed(what, error) {
    deps.logger.error({ err: error }, `Failed: ${what}`)
  },
})

/** Since the commit; not below 0, where the clock is known to a few ms only. */
const msSince = (entry: LogEntry, now: number): number => Math.max(now - entry.at.getTime(), 0)

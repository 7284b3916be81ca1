import type { SystemNode } from '@uzima/contracts'
import type { Health, HealthReport } from '../http/health-report.js'
import { isPublic } from '../log/entry.js'
import type { Tail } from '../log/tail.js'
import { createSeries } from '../observability/series.js'
import type { Hub } from '../realtime/hub.js'
import type { Base } from './base.js'

/** As often as the tail reads: a log that is old for a moment between two steps is seen. */
const LOOK_EVERY_MS = 500
const LOOKS_PER_STEP = 10
/** Fifteen minutes: some 3 kB of JSON for each node. */
const STEPS = 180

/**
 * Measures this node for the page's pictures, and has it answer whoever asks the nodes how they are. Call it when the
 * sockets follow the log already: what it hears of has then been handed to them.
 */
export const measureSystem = (
  { config, releases }: Base,
  { tail, hub, health }: { readonly tail: Tail; readonly hub: Hub; readonly health: Health },
): void => {
  const startedAt = new Date(tail.now())
  const series = createSeries({
    startedAt,
    everyMs: LOOK_EVERY_MS * LOOKS_PER_STEP,
    keep: STEPS,
  })
  const unsubscribe = tail.subscribe({
    onEntries: (entries) => {
      const now = tail.now()
      for (const entry of entries) {
        if (isPublic(entry)) series.delivered(Math.max(now - entry.at.getTime(), 0))
      }
    },
    onReset: () => {
      // What was skipped was not delivered.
    },
  })
  let looks = 0
  const timer = setInterval(() => {
    series.aged(tail.confirmedAgeMs())
    looks += 1
    if (looks % LOOKS_PER_STEP === 0) series.step(new Date(tail.now()), hub.sessions.size())
  }, LOOK_EVERY_MS)
  releases.add('figures', () => {
    unsubscribe()
    clearInterval(timer)
  })

  hub.presence.answerSystem(async () => ({
    node: config.nodeName,
    startedAt: startedAt.toISOString(),
    ...stateOf(await health.report()),
    series: series.read(),
  }))
}

const stateOf = ({
  ready,
  database,
  redis,
  log,
}: HealthReport): Pick<SystemNode, 'ready' | 'database' | 'redis' | 'log'> => ({
  ready,
  database: database.state === 'up' && database.writable === false ? 'read_only' : database.state,
  redis: redis.state,
  log: log.state,
})

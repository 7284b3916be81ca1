import { pruneDeliveries } from '../audit/deliveries.js'
import { thinCheckpoints } from '../audit/evidence/checkpoints.js'
import { pruneConnectionLog, yearsBefore } from '../audit/retention.js'
import { deleteExpiredSessions } from '../auth/sessions.js'
import type { Config } from '../config/schema.js'
import { pruneExplainRecords } from '../explain/retention.js'
import { rescheduleExpiries } from '../inventory/check-stock.js'
import { createRetention } from '../log/retention.js'
import type { Logger } from '../observability/logger.js'
import type { Database } from '../storage/database.js'
import { removeOldAnswers } from '../storage/idempotency.js'
import { repeat } from './repeat.js'

const EVERY_MS = 10 * 60_000

/**
 * Every ten minutes: removes what has had its time (old events, sessions, stored answers, the connection log, deliveries), and works out
 * expiries again, whose time zone's rules may have come in another release.
 */
export const startMaintenance = (deps: {
  readonly database: Database
  readonly config: Config
  readonly logger: Logger
}): (() => Promise<void>) => {
  const { database, config, logger } = deps
  const stopping = new AbortController()
  const events = createRetention({ database, eventRetentionMs: config.eventRetentionMs })
  const jobs: Readonly<Record<string, () => Promise<unknown>>> = {
    'old events': () => events.run(stopping.signal),
    'old sessions': () => deleteExpiredSessions(database),
    'old stored answers': () => removeOldAnswers(database),
    'old connection log': () =>
      pruneConnectionLog(database, yearsBefore(new Date(), config.auditRetentionYears)),
    'old deliveries': () =>
      pruneDeliveries(database, yearsBefore(new Date(), config.auditRetentionYears)),
    'old checkpoints': () => thinCheckpoints(database),
    'old rights and entry headers': () =>
      pruneExplainRecords(database, yearsBefore(new Date(), config.auditRetentionYears)),
    expiries: () => rescheduleExpiries(database),
  }

  const runAll = async (): Promise<void> => {
    for (const [name, job] of Object.entries(jobs)) {
      if (stopping.signal.aborted) return
      try {
        await job()
      } catch (error) {
        logger.warn({ err: error }, `The upkeep of ${name} failed; the next run tries again`)
      }
    }
  }

  const runs = repeat(runAll, EVERY_MS)
  return () => {
    stopping.abort()
    return runs.stop()
  }
}

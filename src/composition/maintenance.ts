import { pruneConnectionLog, yearsBefore } from '../audit/retention.js'
import { deleteExpiredSessions } from '../auth/sessions.js'
import type { Config } from '../config/schema.js'
import { createRetention } from '../log/retention.js'
import type { Logger } from '../observability/logger.js'
import type { Database } from '../storage/database.js'
import { removeOldAnswers } from '../storage/idempotency.js'

const EVERY_MS = 10 * 60_000

/** Removes what has had its time, every ten minutes: old events, sessions, stored answers, the connection log. */
export const startMaintenance = (deps: {
  readonly database: Database
  readonly config: Config
  readonly logger: Logger
}): (() => Promise<void>) => {
  const { database, config, logger } = deps
  const stopping = new AbortController()
  const events = createRetention({ database, eventRetentionMs: config.eventRetentionMs })
  const jobs: Readonly<Record<string, () => Promise<unknown>>> = {
    events: () => events.run(stopping.signal),
    sessions: () => deleteExpiredSessions(database),
    'stored answers': () => removeOldAnswers(database),
    'connection log': () =>
      pruneConnectionLog(database, yearsBefore(new Date(), config.auditRetentionYears)),
  }
  let running: Promise<void> | undefined

  const timer = setInterval(() => {
    running ??= runAll().finally(() => {
      running = undefined
    })
  }, EVERY_MS)

  const runAll = async (): Promise<void> => {
    for (const [name, job] of Object.entries(jobs)) {
      if (stopping.signal.aborted) return
      try {
        await job()
      } catch (error) {
        logger.warn({ err: error }, `Removing old ${name} failed; the next run tries again`)
      }
    }
  }

  return async () => {
    clearInterval(timer)
    stopping.abort()
    await running
  }
}

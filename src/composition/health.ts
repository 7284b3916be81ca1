import type { Config } from '../config/schema.js'
import type { Health } from '../http/health-report.js'
import type { Guard } from '../log/guard.js'
import type { Tail } from '../log/tail.js'
import type { Hub } from '../realtime/hub.js'
import type { Database } from '../storage/database.js'

/** Tells from the log's tail whether this node may serve: it reads the database at least twice a second. */
export const createHealth = (deps: {
  readonly tail: Tail
  readonly guard: Guard
  readonly hub: Hub
  readonly database: Pick<Database, 'isFull'>
  readonly config: Config
}): Health => ({
  report: () => {
    const ageMs = Math.round(deps.tail.confirmedAgeMs())
    const writable = !deps.database.isFull() && !deps.tail.isReadOnly()
    const reason = deps.guard.reason()
    const fresh = ageMs < deps.config.authStaleAfterMs
    const redis = deps.hub.redisState()
    return Promise.resolve({
      ready: fresh && writable && reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      database: { state: ageMs < DATABASE_DOWN_AFTER_MS ? 'up' : 'down', writable },
      redis:
        redis === undefined
          ? { state: 'unused' }
          : {
              state: redis.state,
              ...(redis.reason === undefined ? {} : { reason: redis.reason }),
            },
      log: {
        state: fresh ? 'fresh' : 'stale',
        // Before the first proof there is no age.
        ageMs: Number.isFinite(ageMs) ? ageMs : null,
        ...deps.tail.position(),
      },
    })
  },
})

// Four polls of the tail.
const DATABASE_DOWN_AFTER_MS = 2_000

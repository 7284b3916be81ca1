import { setTimeout as delay } from 'node:timers/promises'
import type { Database, SqlValue } from '../../src/storage/database.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { startLocalApp } from '../../test/support/local-app.js'
import { signToken } from '../../e2e/rig/tokens.js'
import { addUsers } from '../../e2e/rig/users.js'
import type { Rig } from '../frame/rig.js'
import { RIG_SETTINGS } from './settings.js'

/** The whole service in this process, on a database of its own, with its look-up of users watched and slowed. */
export interface LocalService extends AsyncDisposable {
  readonly url: string
  readonly database: Database
  readonly lookUps: () => number
  readonly tokenFor: (userId: string) => string
  readonly addUsers: (count: number) => Promise<string[]>
}

export interface LookUpDelays {
  /** Before the query is sent: its answer is as new as can be. */
  readonly beforeMs: number
  /** After its answer: what it says may be outdated when it is used. */
  readonly afterMs: number
}

export const startLocalService = async (
  rig: Rig,
  name: string,
  delays: LookUpDelays,
): Promise<LocalService> => {
  const url = await rig.createDatabase(name)
  const database = createPostgres({ url, poolSize: 20, onError: () => undefined })
  let lookUps = 0
  const query = async <Row>(sql: string, params?: readonly SqlValue[]): Promise<Row[]> => {
    // The only statement that reads when a user's tokens begin to count.
    if (!sql.includes('"tokensNotBefore"')) return database.query<Row>(sql, params)
    lookUps += 1
    if (delays.beforeMs > 0) await delay(delays.beforeMs)
    const rows = await database.query<Row>(sql, params)
    if (delays.afterMs > 0) await delay(delays.afterMs)
    return rows
  }
  const app = await startLocalApp({
    database: { ...database, query },
    env: {
      JWT_SECRET: rig.secret,
      AUTH_FAILURES_PER_MINUTE: RIG_SETTINGS.AUTH_FAILURES_PER_MINUTE,
    },
  })
  return {
    url: app.url,
    database,
    lookUps: () => lookUps,
    tokenFor: (userId) => signToken(rig.secret, userId),
    addUsers: (count) => addUsers(database, count, 'doctor'),
    [Symbol.asyncDispose]: app.close,
  }
}

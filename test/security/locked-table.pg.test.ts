import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { setupApp } from '../support/app.js'
import { untilLogIsRead } from '../support/read-log.js'
import { createTestDatabase } from '../support/world.js'

const AUTH_STALE_AFTER_MS = 3_000

/** A session that holds each of `tables` against everybody until it is disposed of. */
interface Holder extends AsyncDisposable {
  readonly cutOthers: () => Promise<unknown>
}

const lockTables = async (url: string, tables: readonly string[]): Promise<Holder> => {
  const session = new pg.Client({ connectionString: url })
  await session.connect()
  await session.query('begin')
  for (const table of tables) await session.query(`lock table ${table} in access exclusive mode`)
  return {
    cutOthers: () =>
      session.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      ),
    [Symbol.asyncDispose]: () => session.end(),
  }
}

describe('a table that somebody holds while the connections of a node are cut', () => {
  it.each([
    ['users', 'sessions', 'role_grants', 'grant_edges'],
    ['inventory_items', 'inventory_lots'],
  ])('makes nobody known a stranger, and the log no older (%s)', async (...tables) => {
    await using database = await createTestDatabase()
    await using app = await setupApp({
      database,
      env: { AUTH_STALE_AFTER_MS: AUTH_STALE_AFTER_MS.toString() },
    })
    const known = await app.addUser('pharmacist')
    // The log tells of each new user, too, and whom it tells of is looked up anew.
    await untilLogIsRead(app)
    const first = await app.connect(known)
    const ageMs = async (): Promise<number> => {
      const { body } = await app.api(undefined, 'GET', '/health/ready')
      return (body['log'] as { ageMs: number }).ageMs
    }
    await using holder = await lockTables(database.url ?? '', tables)
    await holder.cutOthers()

    // For longer than a log that cannot be confirmed is good for.
    const endsAt = Date.now() + 1.5 * AUTH_STALE_AFTER_MS
    let oldestMs = 0
    while (Date.now() < endsAt) oldestMs = Math.max(oldestMs, await ageMs())
    expect(oldestMs).toBeLessThan(AUTH_STALE_AFTER_MS)
    expect((await app.connect(known)).socket.connected).toBe(true)
    expect(first.socket.connected).toBe(true)
  })
})

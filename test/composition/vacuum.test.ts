import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createBase } from '../../src/composition/base.js'
import { createReleases } from '../../src/composition/releases.js'
import { keepStoreSmall } from '../../src/composition/vacuum.js'
import { loadConfig } from '../../src/config/load.js'
import type { Database } from '../../src/storage/database.js'
import { vacuumTables } from '../../src/storage/embedded/vacuum.js'
import { createPglite } from '../../src/storage/pglite.js'

let folder: string
let database: Database
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-vacuum-'))
  database = await createPglite({ dataDir: join(folder, 'data'), onHung: () => undefined })
})
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})

const makeTable = (name: string): Promise<void> =>
  database.script(`create table ${name} (n integer primary key, text text)`)

/** Rows come and go, as those of a log do that is trimmed: none of them stays. */
const turnOver = async (table: string): Promise<void> => {
  await database.query(
    `insert into ${table} select n, repeat('x', 500) from generate_series(1, 2000) n`,
  )
  await database.query(`delete from ${table}`)
  // Else it is counted a second later.
  await database.query('select pg_stat_force_next_flush()')
}

const bytesOf = async (table: string): Promise<number> => {
  const [row] = await database.query<{ bytes: number }>(
    `select pg_total_relation_size('${table}')::bigint as bytes`,
  )
  return row?.bytes ?? NaN
}

const deadRowsOf = async (table: string): Promise<number> => {
  const [row] = await database.query<{ count: number }>(
    'select n_dead_tup as count from pg_stat_user_tables where relname = $1',
    [table],
  )
  return row?.count ?? NaN
}

it('the embedded store uses the room of rows that are gone again, and without that does not', async () => {
  await makeTable('tidied')
  await turnOver('tidied')
  const once = await bytesOf('tidied')
  for (let round = 0; round < 5; round += 1) {
    await vacuumTables(database, { limitBytes: 2 * once })
    await turnOver('tidied')
  }
  expect(await bytesOf('tidied')).toBeLessThan(2 * once)

  await makeTable('large')
  for (let round = 1; round < 5; round += 1) {
    await turnOver('large')
    // It would have to read more than it may.
    await vacuumTables(database, { limitBytes: once / 2 })
  }
  expect(await bytesOf('large')).toBeGreaterThan(3 * once)
})

it('a server does it each minute, until it ends', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const releases = createReleases()
  try {
    const config = loadConfig({ DATA_DIR: folder, LOG_LEVEL: 'warn' })
    const lines: string[] = []
    keepStoreSmall(createBase(config, releases, { write: (line) => lines.push(line) }), database)
    await makeTable('served')
    await turnOver('served')
    const once = await bytesOf('served')
    for (let round = 0; round < 3; round += 1) {
      await vi.advanceTimersByTimeAsync(60_000)
      await expect.poll(() => deadRowsOf('served')).toBe(0)
      await turnOver('served')
    }
    expect(await bytesOf('served')).toBeLessThan(2 * once)
    expect(lines).toEqual([])

    await releases.run()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await deadRowsOf('served')).toBeGreaterThan(500)
  } finally {
    await releases.run()
    vi.useRealTimers()
  }
})

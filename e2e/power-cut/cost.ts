import { PGlite } from '@electric-sql/pglite'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolder } from '../../src/storage/embedded/open-folder.js'
import { migrate } from '../../src/storage/migrate.js'
import { createPglite } from '../../src/storage/pglite.js'

/*
 * `npm run figures:store`: what waiting for the disk costs. The same writes on the store as PGlite comes and on ours, in
 * turns, in one process.
 */
const ROUNDS = 5
const WRITES = 300

const WORK = {
  'one row': (pglite: PGlite, n: number) =>
    pglite.query('insert into scratch values ($1, $2)', [n, 'text']),
  'a stock change with its log entry': (pglite: PGlite, n: number) =>
    pglite.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('COST', $1, 1, '2031-01-31')`,
      [String(n)],
    ),
}

interface Spent {
  readonly perSecond: number
  readonly cpuMs: number
}

const measure = async (pglite: PGlite, work: keyof typeof WORK, round: number): Promise<Spent> => {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  for (let n = 0; n < WRITES; n += 1) await WORK[work](pglite, round * WRITES + n)
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - startedAt) / 1_000
  return { perSecond: WRITES / seconds, cpuMs: (user + system) / 1_000 / WRITES }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

const folder = await mkdtemp(join(tmpdir(), 'uzima-cost-'))
try {
  const dataDir = join(folder, 'new')
  const database = await createPglite({ dataDir, onHung: () => undefined })
  await migrate(database)
  await database.script(
    `create table scratch (n integer, text text); insert into inventory_items (sku, name) values ('COST', 'cost')`,
  )
  await database.close()
  await cp(dataDir, join(folder, 'stock'), { recursive: true })

  const stores = {
    'without fsync': await PGlite.create(join(folder, 'stock')),
    'with fsync': await openFolder(dataDir, {}),
  }
  for (const work of ['one row', 'a stock change with its log entry'] as const) {
    const spent = { 'without fsync': [] as Spent[], 'with fsync': [] as Spent[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const store of ['without fsync', 'with fsync'] as const) {
        spent[store].push(await measure(stores[store], work, round))
      }
    }
    for (const store of ['without fsync', 'with fsync'] as const) {
      const perSecond = median(spent[store].map((s) => s.perSecond)).toFixed(0)
      const cpuMs = median(spent[store].map((s) => s.cpuMs)).toFixed(2)
      console.log(`${work}, ${store}: ${perSecond} commits/s, ${cpuMs} ms of CPU each`)
    }
  }
  for (const pglite of Object.values(stores)) await pglite.close()
} finally {
  await rm(folder, { recursive: true, force: true })
}

// The first import: what is loaded after it uses the recorded functions.
import { recordedFolder, say } from './record-files.js'
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createChainWriter } from '../../src/audit/chain-writer.js'
import { batchOf, type LogContent } from '../../src/audit/chain.js'
import { migrate } from '../../src/storage/migrate.js'
import { createPglite } from '../../src/storage/pglite.js'
import { createRandom } from '../rig/random.js'

/*
 * A process that makes a store and writes to it, with every change of its files recorded. What is acknowledged is said after the
 * store answered and before anything else is asked of it, so that a cut after the word finds it promised.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    commits: { type: 'string' },
    // Whether it goes on with what a process left that was killed.
    again: { type: 'boolean', default: false },
  },
})
const commits = Number(values.commits)
const random = createRandom(Number(values.seed)).fork(values.again ? 'again' : 'load')

say({ kind: 'phase', phase: values.again ? 'recovery' : 'opening' })
const database = await createPglite({
  dataDir: recordedFolder,
  onHung: (error) => {
    throw error
  },
})
say({ kind: 'phase', phase: 'migration' })
await migrate(database)
say({ kind: 'phase', phase: 'load' })

const run = { id: randomUUID(), name: 'power-cut' }
const chain = createChainWriter(database, run)
const versions = new Map<string, number>()

const content = (): LogContent => ({
  at: '2026-01-01T00:00:00.000000Z',
  outcome: 'accepted',
  code: null,
  userId: randomUUID(),
  ip: '127.0.0.1',
  userAgent: 'x'.repeat(random.int(1, 200)),
  origin: null,
  transport: 'websocket',
  socketId: null,
  count: 1,
})
const text = (length: number): string =>
  Array.from({ length: Math.ceil(length / 8) }, () => random.next().toString(36).slice(2, 10)).join(
    '',
  )

/** The name tells the version, the rest gives pages to fill: a few bytes, a page, more than one. */
const writeItem = async (sku: string, version: number): Promise<void> => {
  const metadata = JSON.stringify({ text: text(random.pick([10, 500, 6_000, 20_000])) })
  await database.transaction(async (tx) => {
    await tx.query(
      `insert into inventory_items (sku, name, metadata) values ($1, $2, $3::jsonb)
       on conflict (sku) do update set name = excluded.name, metadata = excluded.metadata`,
      [sku, `v${String(version)}`, metadata],
    )
    await tx.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ($1, $2, 1, '2031-01-31')`,
      [sku, `lot-${String(version)}`],
    )
  })
}

const rollBack = (): Promise<void> =>
  database
    .transaction(async (tx) => {
      await tx.query(`insert into inventory_items (sku, name) values ('ROLLED-BACK', $1)`, [
        text(9),
      ])
      throw new Error('rolled back on purpose')
    })
    .catch(() => undefined)

const checkpoint = async (): Promise<void> => {
  say({ kind: 'phase', phase: 'checkpoint' })
  // A segment of 16 MB would not be full in time; and what is full is used again only after a checkpoint.
  if (random.chance(0.7)) await database.query('select pg_switch_wal()')
  await database.script('checkpoint')
  say({ kind: 'phase', phase: 'load' })
}

let chained = 0
for (let commit = 1; commit <= commits; commit += 1) {
  const known = [...versions.keys()]
  const sku =
    known.length > 0 && random.chance(0.4)
      ? random.pick(known)
      : `${values.again ? 'AGAIN' : 'ITEM'}-${String(commit)}`
  const version = (versions.get(sku) ?? 0) + 1
  await writeItem(sku, version)
  versions.set(sku, version)
  say({ kind: 'acknowledged', sku, version })
  if (random.chance(0.2)) {
    const rows = Array.from({ length: random.int(1, 20) }, content)
    await chain.append(batchOf(rows))
    chained += rows.length
    say({ kind: 'chained', run: run.id, nodeSeq: chained })
  }
  if (random.chance(0.1)) await rollBack()
  if (commit % 25 === 0) await checkpoint()
  if (commit % 60 === 0) {
    // New files with new names, and some that go.
    await database.script('vacuum inventory_items')
    // As the server does to what many rows leave.
    await database.script('vacuum (truncate false) log_pending, event_log')
    await database.script('create table scratch (n integer)')
    await database.script('drop table scratch')
  }
}
// The first process leaves everything open, the second closes it.
if (!values.again) process.kill(process.pid, 'SIGKILL')
await database.close()

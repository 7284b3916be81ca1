import pg from 'pg'
import { cpuSeconds } from '../../../e2e/rig/machine.js'
import { quantile } from '../../../e2e/rig/statistics.js'
import { migrate } from '../../../src/storage/migrate.js'
import { createPostgres } from '../../../src/storage/postgres.js'
import { runAlone } from '../../../test/support/databases.js'
import { startPostgres } from '../../../test/support/postgres-server.js'
import type { SpeedFigure } from '../figure.js'
import { goalOf } from '../goal.js'
import { collect, ratioOf } from '../samples.js'

const WRITERS = [1, 4, 16]
const ITEMS_EACH = 60
/** No longer than this many times what it takes without us. */
const TIMES = 2
const [OURS, BARE] = ['with movement, entry and number', 'the same tables, triggers off']

/**
 * Where the time of a transaction goes: the tables of this service, whose triggers are switched off one after the other. What
 * is left switched on, by name.
 */
const STAGES = [
  { name: OURS, off: [] },
  { name: 'with movement and totals, not told', off: ['log_pending'] },
  { name: BARE, off: ['log_pending', 'inventory_lots', 'inventory_items'] },
]

/** What a program pays that changes a lot by plain SQL: `UPDATE` and its COMMIT, by one and several writers, each on items of its own. */
export const plainWriter: SpeedFigure = {
  name: 'plain-writer',
  run: async ({ world, pick }) => {
    const [seconds, rounds] = [pick(1, 0.5), pick(3, 1)]
    await using postgres = await startPostgres({ fsync: true })
    // Nobody serves meanwhile. On one processor writers would take turns with or without us.
    world.cores.spread(postgres.pid())
    const stages = []
    for (const [index, { name, off }] of STAGES.entries()) {
      const database = `stage_${String(index)}`
      await runAlone(postgres.url(), `create database ${database}`)
      const url = postgres.url(database)
      await prepare(url, off)
      stages.push({ name, url })
    }
    // As a node hears of each commit.
    await using node = await connect(stages[0]?.url ?? '')
    await node.client.query('listen uzima_log')

    const figures = WRITERS.map((writers) => {
      const what = `\`UPDATE\` of a lot and COMMIT, ${String(writers)} SQL writers`
      return {
        writers,
        p50: collect(`${what}, p50`, 'ms', 'less'),
        p95: collect(`${what}, p95`, 'ms', 'less'),
        rate: collect(`${what}, commits/s`, '1/s', 'more'),
        cpu: collect(`${what}, CPU of PostgreSQL`, 'ms', 'less'),
      }
    })
    for (let round = 0; round <= rounds; round += 1) {
      for (const { writers, p50, p95, rate, cpu } of figures) {
        for (const { name, url } of stages) {
          const met = await write(url, writers, round === 0 ? 0.2 : seconds)
          if (round === 0) continue
          p50.add(name, quantile(met.timesMs, 0.5))
          p95.add(name, quantile(met.timesMs, 0.95))
          rate.add(name, met.timesMs.length / met.seconds)
          cpu.add(name, (met.cpuSeconds * 1_000) / met.timesMs.length)
        }
      }
    }
    return {
      comparisons: figures.flatMap(({ p50, p95, rate, cpu }) =>
        [p50, p95, rate, cpu].map((one) => one.comparison()),
      ),
      findings: figures.map(({ writers, p50 }) =>
        goalOf(
          `\`UPDATE\` of a lot and COMMIT by plain SQL, ${String(writers)} writers, p50 against the same tables without triggers`,
          { atMost: TIMES },
          ratioOf(p50.comparison(), OURS, BARE),
        ),
      ),
      raw: { seconds, rounds },
    }
  },
}

const prepare = async (url: string, off: readonly string[]): Promise<void> => {
  const database = createPostgres({ url, poolSize: 1, onError: () => undefined })
  await migrate(database)
  for (const table of off) await database.query(`alter table ${table} disable trigger user`)
  const count = Math.max(...WRITERS) * ITEMS_EACH
  await database.query(
    `insert into inventory_items (sku, name) select 'item-' || n, 'Item' from generate_series(1, $1::integer) n`,
    [count],
  )
  await database.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
     select 'item-' || n, 'L', 1000000, current_date + 700 from generate_series(1, $1::integer) n`,
    [count],
  )
  await database.query('vacuum analyze')
  await database.close()
}

/** A connection of a program that knows nothing of us. */
const connect = async (url: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const [row] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
  return { client, pid: row?.pid ?? 0, [Symbol.asyncDispose]: () => client.end() }
}

const write = async (url: string, writers: number, seconds: number) => {
  const connections = await Promise.all(Array.from({ length: writers }, () => connect(url)))
  const pids = connections.map(({ pid }) => pid)
  const timesMs: number[] = []
  // Triggers are compiled, and plans made, once in a connection.
  const writeUntil = (until: number): Promise<unknown> =>
    Promise.all(
      connections.map(async ({ client }, writer) => {
        for (let number = 0; performance.now() < until; number += 1) {
          const sku = `item-${String(writer * ITEMS_EACH + (number % ITEMS_EACH) + 1)}`
          const from = performance.now()
          await client.query(
            `update inventory_lots set quantity = quantity - 1 where sku = '${sku}' and lot_number = 'L'`,
          )
          timesMs.push(performance.now() - from)
        }
      }),
    )
  try {
    await writeUntil(performance.now() + 100)
    timesMs.length = 0
    const [from, cpu] = [performance.now(), cpuSeconds(pids)]
    await writeUntil(from + seconds * 1_000)
    return {
      timesMs,
      seconds: (performance.now() - from) / 1_000,
      cpuSeconds: cpuSeconds(pids) - cpu,
    }
  } finally {
    for (const { client } of connections) await client.end()
  }
}

import { startPostgres } from '../../../test/support/postgres-server.js'
import { runAlone, withDatabase } from '../../../test/support/databases.js'
import { cpuSeconds } from '../../../e2e/rig/machine.js'
import { createEventLog } from '../../../src/log/event-log.js'
import { createRetention } from '../../../src/log/retention.js'
import { createPostgres } from '../../../src/storage/postgres.js'
import { startNode, startUzima } from '../../speed/subjects/uzima.js'
import { grow, type GrowthFigure } from '../growth.js'
import { fillLog, RETENTION_MS } from '../fill.js'
import { postgresSeconds } from '../postgres-cost.js'

const RANGE = 1_000
const CHANGES = 50

/** What a longer log costs: a node's start, reads at its head and anywhere in it, retention, and one more entry. */
export const log: GrowthFigure = {
  name: 'log',
  run: async ({ world, pick, random }) => {
    const sizes = pick([1e3, 1e4, 1e5, 1e6, 1e7], [1e3, 1e4])
    const [heads, ranges] = [200, 20]
    const named = (key: string, what: string, unit: string) =>
      grow(key, what, unit, 'entries', 'power')
    const start = named('startS', 'start of a node, until it listens', 's')
    const startCpu = named('startCpuS', 'CPU of that node', 's')
    const head = named('headMs', 'read of the head, nothing new', 'ms')
    const headCpu = named('headCpuMs', 'CPU of PostgreSQL for it', 'ms')
    const range = named('rangeMs', 'read of 1,000 entries anywhere', 'ms')
    const retention = named('retentionMs', 'retention, for 1,000 entries that go', 'ms')
    const looking = named('lookingMs', 'retention, where nothing has to go', 'ms')
    const change = named('changeMs', 'one more change, until it is committed', 'ms')
    const changeCpu = named('changeCpuMs', 'CPU of PostgreSQL for it', 'ms')
    const bytes = named('entryBytes', 'disk for an entry, with its indexes', 'B')

    // Of its own: without replication, a table that is made in a transaction needs no write-ahead log.
    await using postgres = await startPostgres({
      fsync: true,
      settings: {
        wal_level: 'minimal',
        max_wal_senders: '0',
        max_wal_size: '4GB',
        maintenance_work_mem: '512MB',
      },
    })
    await runAlone(postgres.url(), 'create database growth')
    const url = withDatabase(postgres.url(), 'growth')
    {
      // Makes the schema, items, and an entry to fill with.
      await using made = await startUzima({ ...world, createDatabase: () => Promise.resolve(url) })
      await made.emit(1)
    }
    const database = createPostgres({
      url,
      poolSize: 2,
      statementTimeoutMs: 900_000,
      onError: () => undefined,
    })
    const eventLog = createEventLog(database)
    const timed = async (times: number, work: (time: number) => Promise<unknown>) => {
      const [cpu, from] = [postgresSeconds(postgres.pid()), performance.now()]
      for (let time = 0; time < times; time += 1) await work(time)
      return {
        ms: (performance.now() - from) / times,
        cpuMs: ((postgresSeconds(postgres.pid()) - cpu) * 1_000) / times,
      }
    }
    try {
      for (const size of sizes) {
        const filledFrom = performance.now()
        await fillLog(database, size)
        console.log(
          `  ${size.toLocaleString('en-US')} entries in ${((performance.now() - filledFrom) / 1_000).toFixed(1)} s`,
        )
        for (let round = 0; round < 3; round += 1) {
          const from = performance.now()
          await using node = await startNode(world, { DATABASE_URL: url })
          start.add(size, (performance.now() - from) / 1_000)
          startCpu.add(size, cpuSeconds([node.pid]))
        }
        const atHead = await timed(heads, () => eventLog.range(size, RANGE))
        head.add(size, atHead.ms)
        headCpu.add(size, atHead.cpuMs)
        for (let time = 0; time < ranges; time += 1) {
          const after = random.int(0, size - RANGE)
          range.add(size, (await timed(1, () => eventLog.range(after, RANGE))).ms)
        }
        const changes = await timed(CHANGES, (time) =>
          database.query(
            `update inventory_items set name = 'Item ' || clock_timestamp() where sku = $1`,
            [`item-${String(time + 1)}`],
          ),
        )
        change.add(size, changes.ms)
        changeCpu.add(size, changes.cpuMs)
        const [space] = await database.query<{ bytes: number }>(
          `select pg_total_relation_size('event_log')::float8 as bytes`,
        )
        bytes.add(size, (space?.bytes ?? Number.NaN) / size)
        const old = createRetention({ database, eventRetentionMs: RETENTION_MS })
        let removed = 0
        const trimming = await timed(1, async () => {
          removed = await old.run()
        })
        retention.add(size, (trimming.ms * 1_000) / removed)
        looking.add(size, (await timed(20, () => old.run())).ms)
      }
    } finally {
      await database.close()
    }
    const growths = [
      start,
      startCpu,
      head,
      headCpu,
      range,
      change,
      changeCpu,
      retention,
      looking,
      bytes,
    ]
    return {
      growths: growths.map((one) => one.growth()),
      findings: [],
      raw: { sizes, heads, ranges },
    }
  },
}

import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createPostgres } from '../../src/storage/postgres.js'
import { startPostgres } from '../../test/support/postgres-server.js'
import { startServer } from '../../test/support/server.js'
import type { Figure, Finding } from '../frame/figure.js'
import { cpuSeconds } from '../../e2e/rig/machine.js'
import { signToken } from '../../e2e/rig/tokens.js'
import { addUser } from '../../e2e/rig/users.js'
import { mapAtOnce, waitUntil } from '../../e2e/rig/timing.js'
import { openSession } from '../frame/session.js'
import { startStock } from '../frame/stock.js'

/** A server whose clients are counted; `emit` makes it send so many events, as one burst. */
interface Sender {
  readonly name: string
  readonly url: string
  readonly pid: number
  readonly token: string
  readonly emit: (count: number) => Promise<void>
}

/** What one pattern of sending cost. */
interface Cost {
  readonly cpuMicrosPerDelivery: number
  readonly deliveriesPerSecond: number
}

const SECRET = randomBytes(48).toString('base64url')
const BURST = 200
// About the size of an `inventory:update` of an item without lots.
const STOCK_EVENT_BYTES = 480

/**
 * What one delivery costs the server: events of the log written once to each socket, the same the usual way, and stock
 * Socket.IO, which has neither log nor rights. All three in one run, one after the other, with the same clients.
 */
export const fanOut: Figure = {
  name: 'fan-out',
  run: async ({ sized }) => {
    const clients = sized(1_000)
    const [bursts, singles] = [sized(10, 3), sized(100, 20)]
    await using postgres = await startPostgres({ fsync: true })
    const database = createPostgres({ url: postgres.url(), onError: () => undefined })
    const settings = {
      DATABASE_URL: postgres.url(),
      JWT_SECRET: SECRET,
      MAX_CONNECTIONS_PER_USER: '10000',
      LOG_LEVEL: 'fatal',
    }
    await using direct = await startServer({ env: settings })
    await using usual = await startServer({ env: { ...settings, DIRECT_WRITES: 'false' } })
    await using stock = await startStock()
    await database.query(
      `insert into inventory_items (sku, name) select 'item-' || n, 'Item' from generate_series(1, $1::integer) n`,
      [BURST],
    )
    const token = signToken(SECRET, await addUser(database, 'doctor'))
    const change = async (count: number): Promise<void> => {
      await database.query(
        `update inventory_items set name = 'Item ' || clock_timestamp() where substr(sku, 6)::integer <= $1`,
        [count],
      )
    }
    const senders: Sender[] = [
      { name: 'direct', url: direct.url, pid: direct.pid, token, emit: change },
      { name: 'usual', url: usual.url, pid: usual.pid, token, emit: change },
      {
        name: 'stock',
        url: stock.url,
        pid: stock.pid,
        token: 'all',
        emit: (count) => stock.order({ emit: { count, bytes: STOCK_EVENT_BYTES } }),
      },
    ]
    const costs: Record<string, { readonly burst: Cost; readonly single: Cost }> = {}
    for (const sender of senders) {
      const sessions = await mapAtOnce([...Array(clients).keys()], 20, async () => {
        const session = openSession(sender.url, { token: sender.token })
        await session.decided
        return session
      })
      const allHave = (count: number): Promise<boolean> =>
        waitUntil(() => sessions.every(({ seqs }) => seqs.length >= count), 60_000)
      const cost = async (rounds: number, size: number, pauseMs: number): Promise<Cost> => {
        const before = sessions[0]?.seqs.length ?? 0
        const [cpu, startedAt] = [cpuSeconds([sender.pid]), performance.now()]
        for (let round = 1; round <= rounds; round += 1) {
          await sender.emit(size)
          if (pauseMs > 0) await delay(pauseMs)
          else await allHave(before + round * size)
        }
        if (!(await allHave(before + rounds * size))) throw new Error('Not all clients got all.')
        const deliveries = rounds * size * clients
        return {
          cpuMicrosPerDelivery: ((cpuSeconds([sender.pid]) - cpu) * 1e6) / deliveries,
          deliveriesPerSecond: (deliveries * 1_000) / (performance.now() - startedAt),
        }
      }
      await cost(1, BURST, 0)
      costs[sender.name] = {
        burst: await cost(bursts, BURST, 0),
        single: await cost(singles, 1, 50),
      }
      for (const session of sessions) session.destroy()
    }
    await database.close()
    return {
      findings: [finding('burst', costs, clients), finding('single', costs, clients)],
      raw: costs,
    }
  },
}

const PATTERNS = {
  burst: `Server CPU of one delivery, ${String(BURST)} events in one commit`,
  single: 'Server CPU of one delivery, one event each 50 ms',
} as const

const finding = (
  pattern: 'burst' | 'single',
  costs: Record<string, { readonly burst: Cost; readonly single: Cost }>,
  clients: number,
): Finding => {
  const of = (name: string): Cost =>
    costs[name]?.[pattern] ?? { cpuMicrosPerDelivery: Number.NaN, deliveriesPerSecond: 0 }
  const text = (name: string): string =>
    `${of(name).cpuMicrosPerDelivery.toFixed(2)} µs (${Math.round(of(name).deliveriesPerSecond / 1_000).toString()},000/s)`
  return {
    figure: `${PATTERNS[pattern]}, ${String(clients)} clients on one node`,
    goal: 'below stock Socket.IO of the same run',
    measured: `written directly ${text('direct')}, the usual way ${text('usual')}, stock Socket.IO ${text('stock')}`,
    met: of('direct').cpuMicrosPerDelivery < of('stock').cpuMicrosPerDelivery,
    ...(pattern === 'burst'
      ? { remark: 'Deliveries a second include the clients, which share the machine' }
      : {}),
  }
}

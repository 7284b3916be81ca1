import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { startRedis } from '../test/support/redis-server.js'
import { freePort } from '../test/support/server-process.js'
import { startServer } from '../test/support/server.js'
import { createTestDatabase } from '../test/support/world.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import { startRoundRobin } from './rig/round-robin.js'
import { quantile } from './rig/statistics.js'
import { follow, type Follower } from './rig/stock-follower.js'
import { createTill } from './rig/till.js'

const CLIENTS = 40

it(
  'loses nothing while three nodes are restarted one after the other under load',
  { timeout: 180_000 },
  async () => {
    await using database = await createTestDatabase()
    await using redis = await startRedis()
    const secret = randomBytes(48).toString('base64url')
    const token = signToken(secret, await addUser(database, 'inventory_manager'))
    const ports = [await freePort(), await freePort(), await freePort()]
    const start = async (port: number) => {
      const node = await startServer({
        env: {
          PORT: port.toString(),
          NODE_NAME: `node-${port.toString()}`,
          JWT_SECRET: secret,
          DATABASE_URL: database.url ?? '',
          REDIS_URL: redis.url,
          MAX_CONNECTIONS_PER_USER: '1000',
        },
      })
      started.push(node)
      return node
    }
    const started: AsyncDisposable[] = []
    const nodes = new Map<number, Awaited<ReturnType<typeof start>>>()
    await using balancer = await startRoundRobin(ports)
    const followers: Follower[] = []
    const stop = new AbortController()
    const till = createTill(balancer.url, token)
    try {
      for (const port of ports) nodes.set(port, await start(port))
      for (let n = 0; n < CLIENTS; n += 1) followers.push(follow(balancer.url, token))
      await expect.poll(() => followers.every(({ connects }) => connects() === 1)).toBe(true)

      const skus = ['A', 'B', 'C', 'D']
      for (const sku of skus) {
        await database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
      }
      const writers = skus.map((sku) => till.keepReceiving(sku, 60, stop.signal))

      const startedAt = performance.now()
      const exits: number[] = []
      for (const port of ports) {
        const node = nodes.get(port)
        const at = performance.now()
        node?.signal('SIGTERM')
        expect(await node?.exited).toEqual({ code: 0, signal: null })
        exits.push(Math.round(performance.now() - at))
        nodes.set(port, await start(port))
      }
      const tookS = (performance.now() - startedAt) / 1_000
      stop.abort()
      await Promise.all(writers)

      const entries = await database.query<{ seq: number }>(
        `select seq from event_log where name in ('inventory:update', 'inventory:lowStock') order by seq`,
      )
      const due = entries.map(({ seq }) => seq)
      await expect
        .poll(() => followers.filter(({ seqs }) => seqs.at(-1) !== due.at(-1)).length, {
          timeout: 15_000,
        })
        .toBe(0)
      for (const { seqs } of followers) expect(seqs).toEqual(due)
      const [stock] = await database.query<{ sum: number }>(
        'select sum(quantity)::int as sum from inventory_lots',
      )
      expect(stock?.sum).toBe(till.written())

      const gaps = followers.flatMap(({ gapsMs }) => gapsMs)
      expect(gaps.length).toBeGreaterThanOrEqual(CLIENTS)
      console.log(
        `3 nodes in ${tookS.toFixed(1)} s (each gone after ${exits.join(', ')} ms), ${till.written().toString()} writes ` +
          `(${till.retried().toString()} tried again), ${(due.length * CLIENTS).toString()} deliveries, 0 lost; ` +
          `${gaps.length.toString()} gaps: p50 ${quantile(gaps, 0.5).toFixed(0)} ms, ` +
          `p99 ${quantile(gaps, 0.99).toFixed(0)} ms, longest ${Math.max(...gaps).toFixed(0)} ms`,
      )
      console.log(
        'attempts that failed:',
        JSON.stringify(followers.flatMap(({ failures }) => failures)),
      )
      expect(followers.flatMap(({ resets }) => resets)).toEqual([])
      // One attempt, 0.5 to 1.5 s after the loss; a second one would begin up to 3 s later.
      expect(quantile(gaps, 0.99)).toBeLessThan(3_500)
    } finally {
      stop.abort()
      for (const { socket } of followers) socket.disconnect()
      for (const node of started) await node[Symbol.asyncDispose]()
    }
  },
)

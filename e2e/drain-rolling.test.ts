import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { expectWithin } from '../test/support/long.js'
import { startRedis } from '../test/support/redis-server.js'
import { freePort } from '../test/support/server-process.js'
import { createTestDatabase } from '../test/support/world.js'
import { startServer } from '../test/support/server.js'
import { expectAllDelivered } from './rig/all-delivered.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import { startRoundRobin } from './rig/round-robin.js'
import { quantile } from './rig/statistics.js'
import { follow, type Follower } from './rig/stock-follower.js'
import { createTill } from './rig/till.js'

const CLIENTS = 40

it('loses nothing while three nodes are restarted one after the other under load', async () => {
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

    for (const port of ports) {
      const node = nodes.get(port)
      node?.signal('SIGTERM')
      expect(await node?.exited).toEqual({ code: 0, signal: null })
      nodes.set(port, await start(port))
    }
    stop.abort()
    await Promise.all(writers)

    await expectAllDelivered(database, followers)
    const [stock] = await database.query<{ sum: number }>(
      'select sum(quantity)::int as sum from inventory_lots',
    )
    expect(stock?.sum).toBe(till.written())

    const gaps = followers.flatMap(({ gapsMs }) => gapsMs)
    expect(gaps.length).toBeGreaterThanOrEqual(CLIENTS)
    // One attempt, 0.5 to 1.5 s after the loss; a second one would begin up to 3 s later.
    expectWithin(3_500, quantile(gaps, 0.99), 'The 99th percentile of the gaps')
  } finally {
    stop.abort()
    for (const { socket } of followers) socket.disconnect()
    for (const node of started) await node[Symbol.asyncDispose]()
  }
})

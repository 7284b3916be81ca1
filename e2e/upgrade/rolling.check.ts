import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { startRedis } from '../../test/support/redis-server.js'
import { freePort } from '../../test/support/server-process.js'
import { startServer, type RunningServer } from '../../test/support/server.js'
import { createTestDatabase } from '../../test/support/world.js'
import { allConnected, terminate } from '../draining.js'
import { expectAllDelivered } from '../rig/all-delivered.js'
import { startRoundRobin } from '../rig/round-robin.js'
import { follow, type Follower } from '../rig/stock-follower.js'
import { createTill } from '../rig/till.js'
import { signToken } from '../rig/tokens.js'
import { addUser } from '../rig/users.js'
import { buildEarlier } from './earlier.js'

const CLIENTS = 30

it('while nodes of the version before are replaced one by one under load, and one of them back first, nothing is lost and nobody is logged out', async () => {
  const earlier = await buildEarlier()
  console.log(`The version before is ${earlier.commit}.`)
  await using database = await createTestDatabase({ migrated: false })
  await using redis = await startRedis()
  const secret = randomBytes(48).toString('base64url')
  const ports = [await freePort(), await freePort()] as const
  const started: RunningServer[] = []
  const start = async (port: number, main?: string, env = {}): Promise<RunningServer> => {
    const node = await startServer({
      env: {
        PORT: port.toString(),
        NODE_NAME: `node-${port.toString()}`,
        JWT_SECRET: secret,
        DATABASE_URL: database.url ?? '',
        REDIS_URL: redis.url,
        ADMIN_PASSWORD: 'correct horse battery',
        MAX_CONNECTIONS_PER_USER: '1000',
        // Refresh tokens are all there is after a while.
        ACCESS_TOKEN_TTL: '5s',
        ...env,
      },
      ...(main === undefined ? {} : { main }),
    })
    started.push(node)
    return node
  }
  const followers: Follower[] = []
  const stop = new AbortController()
  try {
    const [first, second] = [
      await start(ports[0], earlier.main),
      await start(ports[1], earlier.main),
    ]
    await using balancer = await startRoundRobin(ports)
    const version = async (): Promise<number | undefined> =>
      (await database.query<{ n: number }>('select max(version) as n from schema_migrations'))[0]?.n
    const versionBefore = await version()
    const user = await addUser(database, 'inventory_manager')
    const token = signToken(secret, user)
    for (let n = 0; n < CLIENTS; n += 1) followers.push(follow(balancer.url, token))
    await allConnected(followers, 1)
    for (const sku of ['A', 'B', 'C']) {
      await database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
    }
    const session = await logIn(first.url)
    const till = createTill(balancer.url, token)
    const writers = ['A', 'B', 'C'].map((sku) => till.keepReceiving(sku, 30, stop.signal))
    const writes = async (more: number): Promise<void> => {
      const before = till.written()
      await expect.poll(() => till.written(), { timeout: 120_000 }).toBeGreaterThan(before + more)
    }
    await writes(30)

    // Back, as the operator may while nothing has migrated: the new version does not take its settings.
    expect(await terminate(first)).toEqual({ code: 0, signal: null })
    await expect(start(ports[0], undefined, { AUTH_STALE_AFTER_MS: 'soon' })).rejects.toThrow(
      /AUTH_STALE_AFTER_MS/,
    )
    const again = await start(ports[0], earlier.main)
    expect(await version()).toBe(versionBefore)
    await session.refreshAt(again.url)
    await writes(30)

    expect(await terminate(again)).toEqual({ code: 0, signal: null })
    const third = await start(ports[0])
    const migrates = (await version()) !== versionBefore
    console.log(migrates ? 'It has an older schema.' : 'It has the same schema.')
    // Both versions, side by side: the one before still judges its log, lets people in and writes.
    for (let n = 0; n < 10; n += 1) {
      await writes(40)
      expect((await fetch(`${second.url}/health/ready`)).status).toBe(200)
      const late = follow(n % 2 === 0 ? second.url : third.url, token)
      await expect.poll(() => late.connects()).toBe(1)
      late.socket.disconnect()
      expect(late.failures).toEqual([])
    }
    await session.refreshAt(third.url)
    await session.refreshAt(second.url)
    const late = await logIn(second.url)
    await late.refreshAt(third.url)
    // What the operator must know: the version before does not start again.
    if (migrates) {
      await expect(start(await freePort(), earlier.main)).rejects.toThrow(/Start the newer program/)
    }

    expect(await terminate(second)).toEqual({ code: 0, signal: null })
    await start(ports[1])
    await writes(30)
    await session.refreshAt(balancer.url)
    stop.abort()
    await Promise.all(writers)

    await expectAllDelivered(database, followers)
    const codes = followers.flatMap(({ closings }) => closings.map(({ code }) => code))
    expect([...new Set(codes)]).toEqual(['SERVER_DRAINING'])
    const [stock] = await database.query<{ sum: number }>(
      'select sum(quantity)::int as sum from inventory_lots',
    )
    expect(stock?.sum).toBe(till.written())
  } finally {
    stop.abort()
    for (const { socket } of followers) socket.disconnect()
    for (const node of started) await node[Symbol.asyncDispose]()
  }
})

interface Session {
  /** Gets new tokens from the node, and asks it who they are of. */
  readonly refreshAt: (url: string) => Promise<void>
}

const logIn = async (url: string): Promise<Session> => {
  let tokens = await post(`${url}/api/auth/login`, {
    username: 'admin',
    password: 'correct horse battery',
  })
  return {
    refreshAt: async (at) => {
      tokens = await post(`${at}/api/auth/refresh`, { refreshToken: tokens.refreshToken })
      const headers = { authorization: `Bearer ${tokens.accessToken}` }
      expect((await fetch(`${at}/api/auth/me`, { headers })).status).toBe(200)
    },
  }
}

const post = async (
  url: string,
  body: object,
): Promise<{ readonly accessToken: string; readonly refreshToken: string }> => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as { accessToken: string; refreshToken: string }
}

import { randomBytes } from 'node:crypto'
import { Agent } from 'node:https'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startRedis } from '../../test/support/redis-server.js'
import { freePort } from '../../test/support/server-process.js'
import { startServer, type RunningServer } from '../../test/support/server.js'
import { createTestDatabase } from '../../test/support/world.js'
import { allConnected } from '../draining.js'
import { expectAllDelivered } from '../rig/all-delivered.js'
import { follow, type Follower } from '../rig/stock-follower.js'
import { createTill } from '../rig/till.js'
import { signToken } from '../rig/tokens.js'
import { addUser } from '../rig/users.js'
import { startProxy } from './nginx.js'

const OF_EACH_KIND = 8
const KINDS = [['polling'], ['polling', 'websocket'], ['websocket']] as const

it('behind nginx, as deploy/nginx has it, no client loses an event while a node is drained and another killed', async () => {
  // The certificate is of this test's own.
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  await using database = await createTestDatabase()
  await using redis = await startRedis()
  const secret = randomBytes(48).toString('base64url')
  const token = signToken(secret, await addUser(database, 'inventory_manager'))
  const ports = [await freePort(), await freePort()] as const
  const started: RunningServer[] = []
  const start = async (port: number): Promise<RunningServer> => {
    const node = await startServer({
      env: {
        PORT: port.toString(),
        NODE_NAME: `node-${port.toString()}`,
        JWT_SECRET: secret,
        DATABASE_URL: database.url ?? '',
        REDIS_URL: redis.url,
        MAX_CONNECTIONS_PER_USER: '1000',
        TRUST_PROXY: '127.0.0.1',
      },
    })
    started.push(node)
    return node
  }
  await using proxy = await startProxy(ports)
  const followers: Follower[] = []
  const agents: Agent[] = []
  const stop = new AbortController()
  try {
    const [one, two] = [await start(ports[0]), await start(ports[1])]
    for (const [kind, transports] of KINDS.entries()) {
      for (let n = 0; n < OF_EACH_KIND; n += 1) {
        // nginx tells nodes apart by the address of the client.
        const localAddress = `127.0.0.${(10 + kind * OF_EACH_KIND + n).toString()}`
        const agent = new Agent({ localAddress, rejectUnauthorized: false, keepAlive: true })
        agents.push(agent)
        const options = { transports: [...transports], agent: agent as never }
        followers.push(follow(proxy.url, token, undefined, options))
      }
    }
    await allConnected(followers, 1)
    await expect.poll(() => transportsOf(followers)).toEqual(['polling', 'websocket', 'websocket'])
    const seen = await database.query<{ node: string; sockets: number; addresses: number }>(
      `select node, count(distinct socket_id)::int as sockets, count(distinct ip)::int as addresses
       from connection_log where outcome = 'accepted' group by 1`,
    )
    expect(seen).toHaveLength(2)
    // Each by its own address, and not by that of the proxy.
    for (const { sockets, addresses } of seen) expect(addresses).toBe(sockets)

    for (const sku of ['A', 'B']) {
      await database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
    }
    const till = createTill(proxy.url, token)
    const writers = ['A', 'B'].map((sku) => till.keepReceiving(sku, 60, stop.signal))
    const writes = async (more: number): Promise<void> => {
      const before = till.written()
      await expect.poll(() => till.written()).toBeGreaterThan(before + more)
    }
    await writes(10)
    one.signal('SIGTERM')
    expect(await one.exited).toEqual({ code: 0, signal: null })
    await writes(10)
    await start(ports[0])
    await writes(10)
    two.signal('SIGKILL')
    await two.exited
    await writes(10)
    await start(ports[1])
    await writes(10)
    stop.abort()
    await Promise.all(writers)

    await expectAllDelivered(database, followers)
    expect(followers.flatMap(({ closings }) => closings.map(({ code }) => code))).toContain(
      'SERVER_DRAINING',
    )
    const [stock] = await database.query<{ sum: number }>(
      'select sum(quantity)::int as sum from inventory_lots',
    )
    expect(stock?.sum).toBe(till.written())
    // Nobody went from node to node in the middle of a connection: the sockets that came back are all there were.
    expect(
      followers.flatMap(({ failures }) => failures.filter((text) => /auth/i.test(text))),
    ).toEqual([])
  } finally {
    stop.abort()
    for (const { socket } of followers) socket.disconnect()
    for (const agent of agents) agent.destroy()
    for (const node of started) await node[Symbol.asyncDispose]()
  }

  // With nobody behind it, so that both logs have something to say.
  await fetch(`${proxy.url}/socket.io/?EIO=4&transport=polling&token=${token}`)
  const plain = await fetch(`${proxy.plainUrl}/stock?token=x`, { redirect: 'manual' })
  expect(plain.status).toBe(308)
  expect((await fetch(`${proxy.url}/metrics`)).status).toBe(404)
  const logs = await proxy.logs()
  expect(logs).toMatch(/"GET \/socket\.io\/" 50\d/)
  expect(logs).not.toContain(token)
})

const transportsOf = (followers: readonly Follower[]): string[] =>
  KINDS.map((_, kind) => {
    const names = followers
      .slice(kind * OF_EACH_KIND, (kind + 1) * OF_EACH_KIND)
      .map(({ socket }) => socket.io.engine.transport.name)
    return [...new Set(names)].join(' and ')
  })

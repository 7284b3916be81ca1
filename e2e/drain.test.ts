import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Queryable, SqlValue } from '../src/storage/database.js'
import { startPostgres } from '../test/support/postgres-server.js'
import { startRedis } from '../test/support/redis-server.js'
import { freePort } from '../test/support/server-process.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { createTestDatabase } from '../test/support/world.js'
import { signToken } from './rig/tokens.js'
import { addUsers } from './rig/users.js'
import { startStillClient } from './still-client.js'
import { follow, type Follower } from './rig/stock-follower.js'

const secret = randomBytes(48).toString('base64url')

const settings = (databaseUrl: string, more: Readonly<Record<string, string>> = {}) => ({
  JWT_SECRET: secret,
  DATABASE_URL: databaseUrl,
  MAX_CONNECTIONS_PER_USER: '1000',
  ...more,
})

/** Makes users and resolves to a token of each. */
const tokensOf = async (database: Pick<Queryable, 'query'>, count: number): Promise<string[]> => {
  const users = await addUsers(database, count, 'inventory_manager')
  return users.map((id) => signToken(secret, id))
}

const terminate = async (server: RunningServer) => {
  const startedAt = performance.now()
  server.signal('SIGTERM')
  const exit = await server.exited
  return { ...exit, tookMs: Math.round(performance.now() - startedAt) }
}

const allConnected = (followers: readonly Follower[], times: number, timeout = 20_000) =>
  expect
    .poll(() => followers.filter((follower) => follower.connects() < times).length, { timeout })
    .toBe(0)

it('lets 300 clients come back by themselves, at one look-up a user, and finishes a request of 3 s', async () => {
  await using database = await createTestDatabase()
  const port = (await freePort()).toString()
  const env = settings(database.url ?? '', { PORT: port })
  const tokens = await tokensOf(database, 20)
  await database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)
  const followers: Follower[] = []
  try {
    await using first = await startServer({ env })
    for (let n = 0; n < 300; n += 1) {
      followers.push(follow(first.url, tokens[n % tokens.length] ?? ''))
    }
    await allConnected(followers, 1)
    await using locker = await lockItem(database.url ?? '', 'A')
    const request = fetch(`${first.url}/api/inventory/A/lots`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens[0] ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify({ lotNumber: 'L', quantity: 5, expiryDate: '2031-01-31' }),
    })
    await locker.isWaitedFor()
    const stopping = terminate(first)
    await expect
      .poll(() => followers.filter(({ closings }) => closings.length === 1).length)
      .toBe(300)
    // A new socket or request now finds a closed door, not a node that takes it in and drops it.
    await expect(fetch(`${first.url}/health/live`)).rejects.toThrow()
    await delay(3_000)
    await locker.release()
    expect((await request).status).toBe(201)
    const exit = await stopping
    expect(exit).toMatchObject({ code: 0 })
    expect(exit.tookMs).toBeLessThan(10_000)

    const waits = followers.map(({ closings }) => closings[0]?.retryAfterMs ?? NaN)
    expect(new Set(followers.map(({ closings }) => closings[0]?.code))).toEqual(
      new Set(['SERVER_DRAINING']),
    )
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_000)

    const before = await scansOfUsers(database)
    await using next = await startServer({ env })
    const listeningAt = performance.now()
    await allConnected(followers, 2)
    const backMs = Math.round(performance.now() - listeningAt)
    expect(next.url).toBe(first.url)
    expect(followers.flatMap(({ resets }) => resets)).toEqual([])
    // A connection reports what it read for certain when it ends.
    await terminate(next)
    for (const { socket } of followers) socket.disconnect()
    const after = await scansOfUsers(database)
    await using alone = await startServer({ env })
    await terminate(alone)
    const lookUps = after - before - ((await scansOfUsers(database)) - after)
    console.log(
      `drained in ${exit.tookMs.toString()} ms (3 s of it the request); 300 clients back ${backMs.toString()} ms ` +
        `after listening, ${lookUps.toString()} reads of users for 20 users`,
    )
    expect(lookUps).toBe(20)
  } finally {
    for (const { socket } of followers) socket.disconnect()
  }
})

it('lets in who had reached it when it was told to end, and then sends him on', async () => {
  await using database = await createTestDatabase()
  const [token = ''] = await tokensOf(database, 1)
  await using server = await startServer({ env: settings(database.url ?? '') })
  const packets: string[] = []
  const client = new WebSocket(
    `${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
  )
  client.on('message', (data: Buffer) => packets.push(data.toString()))
  await once(client, 'message')
  const stopping = terminate(server)
  // At once: it does not wait for long.
  await expect.poll(() => refusesConnections(server.url), { interval: 5 }).toBe(true)
  client.send(`40${JSON.stringify({ token })}`)
  await expect.poll(() => packets.map(nameOf)).toContain('session:closing')
  expect(packets.map(nameOf)).toContain('connected')
  expect(await stopping).toMatchObject({ code: 0 })
})

/** Asked by TCP alone: `fetch` would go on with a connection that it has kept. */
const refusesConnections = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.once('error', () => {
      resolve(true)
    })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })

const nameOf = (packet: string): string | undefined => /^42\["([^"]+)"/.exec(packet)?.[1]

it('ends with 0 within 10 s whatever is dead or stands still', { timeout: 180_000 }, async () => {
  const took: Record<string, number> = {}
  for (const fault of [
    'nothing',
    'a client that stands still',
    'Redis is dead',
    'Redis stands still',
    'PostgreSQL is dead',
    'PostgreSQL stands still',
  ]) {
    await using postgres = await startPostgres()
    await using redis = await startRedis()
    await using server = await startServer({
      env: settings(postgres.url(), { REDIS_URL: redis.url }),
    })
    const sql = new pg.Client({ connectionString: postgres.url() })
    sql.on('error', () => undefined)
    await sql.connect()
    const query = async <Row>(text: string, params: readonly SqlValue[] = []) =>
      (await sql.query(text, [...params])).rows as Row[]
    const [token = ''] = await tokensOf({ query }, 1)
    await sql.end()
    const followers = Array.from({ length: 5 }, () => follow(server.url, token))
    await allConnected(followers, 1)
    // Its socket is open, but nobody will ever answer a close.
    const still = fault.includes('client')
      ? await startStillClient(server.url, { token })
      : undefined
    if (fault === 'Redis is dead') await redis.kill9()
    if (fault === 'Redis stands still') process.kill(redis.pid(), 'SIGSTOP')
    if (fault === 'PostgreSQL is dead') await postgres.kill9()
    if (fault === 'PostgreSQL stands still') await signalServer(postgres.pid(), 'SIGSTOP')

    const exit = await terminate(server)
    if (fault.endsWith('stands still') && fault.startsWith('R'))
      process.kill(redis.pid(), 'SIGCONT')
    if (fault === 'PostgreSQL stands still') await signalServer(postgres.pid(), 'SIGCONT')
    for (const { socket } of followers) socket.disconnect()
    still?.destroy()
    took[fault] = exit.tookMs
    expect
      .soft({ fault, code: exit.code, inTime: exit.tookMs < 10_000 })
      .toEqual({ fault, code: 0, inTime: true })
    expect
      .soft(followers.map(({ closings }) => closings[0]?.code))
      .toEqual(Array.from({ length: 5 }, () => 'SERVER_DRAINING'))
  }
  console.log('stopped in ms:', took)
})

/** How often the table of users was read, in any way, by the processes that have ended. */
const scansOfUsers = async (database: Pick<Queryable, 'query'>): Promise<number> => {
  let last = -1
  await expect
    .poll(
      async () => {
        const [row] = await database.query<{ scans: number }>(
          `select (seq_scan + coalesce(idx_scan, 0))::int as scans
           from pg_stat_user_tables where relname = 'users'`,
        )
        const isSteady = row?.scans === last
        last = row?.scans ?? -1
        return isSteady
      },
      { interval: 500, timeout: 15_000 },
    )
    .toBe(true)
  return last
}

/** Holds the row of an item, so that whoever wants to change it waits. */
const lockItem = async (databaseUrl: string, sku: string) => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('begin')
  await client.query('select from inventory_items where sku = $1 for update', [sku])
  return {
    isWaitedFor: () =>
      expect
        .poll(async () => {
          const { rowCount } = await client.query('select from pg_locks where not granted')
          return rowCount
        })
        .toBeGreaterThan(0),
    release: () => client.query('commit'),
    [Symbol.asyncDispose]: () => client.end(),
  }
}

/** Signals a PostgreSQL server with all its processes. */
const signalServer = async (postmaster: number, signal: NodeJS.Signals): Promise<void> => {
  const pid = postmaster.toString()
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  for (const each of [pid, ...children.trim().split(' ')]) process.kill(Number(each), signal)
}

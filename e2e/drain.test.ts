import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import pg from 'pg'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { times } from '../test/support/long.js'
import { freePort } from '../test/support/server-process.js'
import { createTestDatabase } from '../test/support/world.js'
import { startServer } from '../test/support/server.js'
import { allConnected, settingsWith, terminate, tokensOf, type Sql } from './draining.js'
import { follow, type Follower } from './rig/stock-follower.js'

const secret = randomBytes(48).toString('base64url')

/** Many more than there are users. */
const CLIENTS = times(100, 300)

it('lets its clients come back by themselves, at one look-up a user, and finishes a request under way', async () => {
  await using database = await createTestDatabase()
  const port = (await freePort()).toString()
  const env = settingsWith(secret, database.url ?? '', { PORT: port })
  const tokens = await tokensOf(secret, database, 20)
  await database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)
  const followers: Follower[] = []
  try {
    await using first = await startServer({ env })
    for (let n = 0; n < CLIENTS; n += 1) {
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
      .toBe(CLIENTS)
    // A new socket or request now finds a closed door, not a node that takes it in and drops it.
    await expect(fetch(`${first.url}/health/live`)).rejects.toThrow()
    await locker.release()
    expect((await request).status).toBe(201)
    expect(await stopping).toEqual({ code: 0, signal: null })

    const waits = followers.map(({ closings }) => closings[0]?.retryAfterMs ?? NaN)
    expect(new Set(followers.map(({ closings }) => closings[0]?.code))).toEqual(
      new Set(['SERVER_DRAINING']),
    )
    const ends = await database.query(
      'select code, count(*)::integer as sessions from deliveries group by code',
    )
    expect(ends).toEqual([{ code: 'SERVER_DRAINING', sessions: CLIENTS }])
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_000)

    const before = await scansOfUsers(database)
    await using next = await startServer({ env })
    await allConnected(followers, 2)
    expect(next.url).toBe(first.url)
    expect(followers.flatMap(({ resets }) => resets)).toEqual([])
    // A connection reports what it read for certain when it ends.
    await terminate(next)
    for (const { socket } of followers) socket.disconnect()
    const after = await scansOfUsers(database)
    await using alone = await startServer({ env })
    await terminate(alone)
    const lookUps = after - before - ((await scansOfUsers(database)) - after)
    expect(lookUps).toBeGreaterThan(0)
    // Fewer where one statement looked up several at once without the index.
    expect(lookUps).toBeLessThanOrEqual(tokens.length)
  } finally {
    for (const { socket } of followers) socket.disconnect()
  }
})

it('lets in who had reached it when it was told to end, and then sends him on', async () => {
  await using database = await createTestDatabase()
  const [token = ''] = await tokensOf(secret, database, 1)
  await using server = await startServer({ env: settingsWith(secret, database.url ?? '') })
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

/** How often the table of users was read, in any way, by the processes that have ended. */
const scansOfUsers = async (sql: Sql): Promise<number> => {
  let last = -1
  await expect
    .poll(
      async () => {
        const [row] = await sql.query<{ scans: number }>(
          `select (seq_scan + coalesce(idx_scan, 0))::int as scans
           from pg_stat_user_tables where relname = 'users'`,
        )
        const isSteady = row?.scans === last
        last = row?.scans ?? -1
        return isSteady
      },
      { interval: 500 },
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

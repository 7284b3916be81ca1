import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { expect, it } from 'vitest'
import { expectWithin } from '../test/support/long.js'
import type { SqlValue } from '../src/storage/database.js'
import { startPostgres, type PostgresServer } from '../test/support/postgres-server.js'
import { startRedis, type RedisServer } from '../test/support/redis-server.js'
import { startServer } from '../test/support/server.js'
import { allConnected, settingsWith, terminate, tokensOf } from './draining.js'
import { startStillClient } from './still-client.js'
import { follow } from './rig/stock-follower.js'

interface Servers {
  readonly postgres: PostgresServer
  readonly redis: RedisServer
}

interface Fault {
  readonly name: string
  readonly begin?: (servers: Servers) => Promise<void>
  readonly end?: (servers: Servers) => Promise<void>
  readonly hasStillClient?: boolean
}

const signalRedis = ({ redis }: Servers, signal: NodeJS.Signals): Promise<void> => {
  process.kill(redis.pid(), signal)
  return Promise.resolve()
}

/** Signals a PostgreSQL server with all its processes. */
const signalPostgres = async ({ postgres }: Servers, signal: NodeJS.Signals): Promise<void> => {
  const pid = postgres.pid().toString()
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  for (const each of [pid, ...children.trim().split(' ')]) process.kill(Number(each), signal)
}

const FAULTS: readonly Fault[] = [
  { name: 'nothing is wrong' },
  // Its socket is open, but nobody will ever answer a close.
  { name: 'a client stands still', hasStillClient: true },
  { name: 'Redis is dead', begin: ({ redis }) => redis.kill9() },
  {
    name: 'Redis stands still',
    begin: (servers) => signalRedis(servers, 'SIGSTOP'),
    end: (servers) => signalRedis(servers, 'SIGCONT'),
  },
  { name: 'PostgreSQL is dead', begin: ({ postgres }) => postgres.kill9() },
  {
    name: 'PostgreSQL stands still',
    begin: (servers) => signalPostgres(servers, 'SIGSTOP'),
    end: (servers) => signalPostgres(servers, 'SIGCONT'),
  },
]

/** Stops a node under the fault; resolves to how it ended and what its clients were told. */
const stopUnder = async (fault: Fault) => {
  const secret = randomBytes(48).toString('base64url')
  await using postgres = await startPostgres()
  await using redis = await startRedis()
  await using server = await startServer({
    env: settingsWith(secret, postgres.url(), { REDIS_URL: redis.url }),
  })
  const [token = ''] = await makeToken(secret, postgres)
  const followers = Array.from({ length: 5 }, () => follow(server.url, token))
  const still =
    fault.hasStillClient === true ? await startStillClient(server.url, { token }) : undefined
  try {
    await allConnected(followers, 1)
    await fault.begin?.({ postgres, redis })
    const toldAt = performance.now()
    const { code } = await terminate(server)
    expectWithin(10_000, performance.now() - toldAt, `The end where ${fault.name}`)
    return { fault: fault.name, code, told: followers.map(({ closings }) => closings[0]?.code) }
  } finally {
    await fault.end?.({ postgres, redis })
    for (const { socket } of followers) socket.disconnect()
    still?.destroy()
  }
}

it('ends with 0 within 10 s whatever is dead or stands still', async () => {
  // At once, because each waits more than it computes.
  const ends = await Promise.all(FAULTS.map(stopUnder))

  const told = Array.from({ length: 5 }, () => 'SERVER_DRAINING')
  expect(ends).toEqual(FAULTS.map(({ name }) => ({ fault: name, code: 0, told })))
})

const makeToken = async (secret: string, postgres: PostgresServer): Promise<string[]> => {
  const client = new pg.Client({ connectionString: postgres.url() })
  await client.connect()
  try {
    const query = async <Row>(text: string, params: readonly SqlValue[] = []) =>
      (await client.query(text, [...params])).rows as Row[]
    return await tokensOf(secret, { query }, 1)
  } finally {
    await client.end()
  }
}

import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { verifyChain } from '../src/audit/verify.js'
import { startRedis } from '../test/support/redis-server.js'
import { createTestDatabase } from '../test/support/world.js'
import { startNode } from './rig/nodes.js'
import { createProxy } from './rig/proxy.js'
import { createRandom } from './rig/random.js'
import { follow } from './rig/stock-follower.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'

const secret = randomBytes(48).toString('base64url')
/** More than others once waited for before they called its sockets closed, and less than `AUTH_CLOSE_AFTER_MS`. */
const AWAY_S = 16

it('keeps its sockets, and those that come when it is back, where it was paused or cut off from PostgreSQL', async () => {
  await using database = await createTestDatabase()
  await using redis = await startRedis()
  const direct = new URL(database.url ?? '')
  const proxy = await createProxy({
    host: direct.hostname,
    targetPort: Number(direct.port),
    random: createRandom(1),
  })
  const proxied = new URL(direct.href)
  proxied.host = `127.0.0.1:${proxy.port.toString()}`
  const node = (name: string, url: URL) =>
    startNode(
      name,
      { secret, databaseUrl: url.href, redisUrl: redis.url },
      // One that was there, one that comes later: no more.
      { MAX_CONNECTIONS_PER_USER: '2' },
    )
  await using one = await node('one', direct)
  await using paused = await node('paused', direct)
  await using cutOff = await node('cut off', proxied)
  const admin = signToken(secret, await addUser(database, 'admin'))
  const tokens = [
    signToken(secret, await addUser(database, 'pharmacist')),
    signToken(secret, await addUser(database, 'pharmacist')),
  ] as const
  const followers = [follow(paused.url, tokens[0]), follow(cutOff.url, tokens[1])]
  const connectsOf = () => followers.map((follower) => follower.connects())
  const secondsSince = async (column: 'heartbeat_at' | 'ended_at') =>
    (
      await database.query<{ seconds: number | null }>(
        `select extract(epoch from clock_timestamp() - ${column})::float8 as seconds from nodes
         where name in ('paused', 'cut off') order by name`,
      )
    ).map(({ seconds }) => seconds)
  try {
    await expect.poll(connectsOf).toEqual([1, 1])
    // What was not written before the fault is not what the others could close.
    await expect
      .poll(() => database.query(`select from connection_log where outcome = 'accepted'`))
      .toHaveLength(2)
    paused.signal('SIGSTOP')
    proxy.setMode({ kind: 'blackhole' })
    await expect
      .poll(async () => Math.min(...(await secondsSince('heartbeat_at')).map(Number)), {
        interval: 200,
      })
      .toBeGreaterThan(AWAY_S)
    expect(await secondsSince('ended_at')).toEqual([null, null])

    paused.signal('SIGCONT')
    proxy.setMode({ kind: 'pass' })
    proxy.cut(1, 'rst')
    followers.push(follow(paused.url, tokens[0]), follow(cutOff.url, tokens[1]))
    await expect.poll(connectsOf).toEqual([1, 1, 1, 1])
    // Two heartbeats of each, by which it would have heard that it was given up.
    for (let beats = 0; beats < 2; beats += 1) {
      const [before] = await database.query<{ at: string }>('select clock_timestamp()::text as at')
      await expect
        .poll(() =>
          database.query(
            `select from nodes where name in ('paused', 'cut off') and heartbeat_at > $1::timestamptz`,
            [before?.at ?? ''],
          ),
        )
        .toHaveLength(2)
    }
    expect(followers.flatMap(({ closings }) => closings)).toEqual([])
    expect(connectsOf()).toEqual([1, 1, 1, 1])

    const rows = await database.query<{ outcome: string; code: string | null }>(
      `select distinct outcome, code from connection_log where outcome in ('accepted', 'closed')`,
    )
    expect(rows).toEqual([{ outcome: 'accepted', code: null }])
    expect(await verifyChain(database)).toMatchObject({ holds: true })
    const ids = followers.map(({ socket }) => socket.id).sort()
    await expect
      .poll(async () => {
        const page = await one.api(admin, 'GET', '/api/connections')
        const { connections } = page as { connections: { readonly socketId: string }[] }
        return connections.map(({ socketId }) => socketId).sort()
      })
      .toEqual(ids)

    // Their places are still theirs.
    const third = follow(one.url, tokens[0])
    followers.push(third)
    await expect
      .poll(() =>
        database.query(`select from connection_log where code = 'TOO_MANY_CONNECTIONS' limit 1`),
      )
      .toHaveLength(1)
    expect(third.connects()).toBe(0)
    // And free for others once they are left: a stock client comes back by itself.
    followers[0]?.socket.disconnect()
    await expect.poll(third.connects).toBe(1)
  } finally {
    paused.signal('SIGCONT')
    proxy.setMode({ kind: 'pass' })
    for (const { socket } of followers) socket.disconnect()
    await cutOff.stop()
    await proxy.close()
  }
})

import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { expectWithin } from '../test/support/long.js'
import { startRedis } from '../test/support/redis-server.js'
import { createTestDatabase } from '../test/support/world.js'
import { startNode } from './rig/nodes.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import { follow } from './rig/stock-follower.js'

interface Page {
  readonly nodes: readonly string[]
  readonly missingNodes: readonly string[]
}

it('names a node that stands still within 500 ms, also after Redis was restarted, and closes its sockets on record', async () => {
  await using database = await createTestDatabase()
  await using redis = await startRedis()
  const secret = randomBytes(48).toString('base64url')
  const cluster = { secret, databaseUrl: database.url, redisUrl: redis.url }
  // A node is given up 10 s after the time at which it has closed its sockets itself.
  const times = { AUTH_STALE_AFTER_MS: '1000', AUTH_CLOSE_AFTER_MS: '2000' }
  const token = signToken(secret, await addUser(database, 'admin'))
  await using one = await startNode('one', cluster, times)
  await using two = await startNode('two', cluster, times)
  const follower = follow(two.url, token)
  try {
    const ask = async (): Promise<Page> => {
      const startedAt = performance.now()
      const response = await fetch(`${one.url}/api/connections`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const page = (await response.json()) as Page
      expectWithin(500, performance.now() - startedAt, 'An answer')
      return page
    }
    await expect.poll(async () => (await ask()).nodes).toEqual(['one', 'two'])
    await expect.poll(follower.connects).toBe(1)

    const rows = (outcome: string) =>
      database.query<{ code: string | null }>(
        'select code from connection_log where outcome = $1',
        [outcome],
      )
    await expect.poll(() => rows('accepted')).toHaveLength(1)

    two.signal('SIGSTOP')
    const stoppedAt = performance.now()
    // It does not wait for an answer that cannot come.
    expect(await ask()).toMatchObject({ nodes: ['one'], missingNodes: ['two'] })
    await redis.restart()
    await expect
      .poll(async () => {
        const response = await fetch(`${one.url}/health/ready`)
        return ((await response.json()) as { redis: { state: string } }).redis.state
      })
      .toBe('up')
    expect(await ask()).toMatchObject({ nodes: ['one'], missingNodes: ['two'] })

    await expect.poll(() => rows('closed'), { interval: 100 }).toEqual([{ code: 'NODE_LOST' }])
    expectWithin(20_000, performance.now() - stoppedAt, 'The close on record')
    // Redis itself may stand still.
    process.kill(redis.pid(), 'SIGSTOP')
    expect((await ask()).nodes).toContain('one')
    process.kill(redis.pid(), 'SIGCONT')

    // It wakes up and lets nobody go on who is closed on record; who comes then stays, though it hears of it later.
    const lost = follower.socket.id
    two.signal('SIGCONT')
    await expect.poll(follower.connects).toBe(2)
    const [woken] = await database.query<{ at: string }>('select clock_timestamp()::text as at')
    await expect
      .poll(() =>
        database.query(`select from nodes where name = 'two' and heartbeat_at > $1::timestamptz`, [
          woken?.at ?? '',
        ]),
      )
      .toHaveLength(1)
    expect(follower.socket.id).not.toBe(lost)
    expect(follower.closings.length).toBeLessThanOrEqual(1)
    expect(follower.connects()).toBe(2)
  } finally {
    follower.socket.disconnect()
  }
})

import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { startRedis } from '../test/support/redis-server.js'
import { startServer } from '../test/support/server.js'
import { createTestDatabase } from '../test/support/world.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import { follow } from './rig/stock-follower.js'

interface Page {
  readonly nodes: readonly string[]
  readonly missingNodes: readonly string[]
}

it(
  'names a node that stands still within 500 ms, also after Redis was restarted, and closes its sockets on record',
  { timeout: 120_000 },
  async () => {
    await using database = await createTestDatabase()
    await using redis = await startRedis()
    const secret = randomBytes(48).toString('base64url')
    const node = (name: string) =>
      startServer({
        env: {
          JWT_SECRET: secret,
          DATABASE_URL: database.url ?? '',
          REDIS_URL: redis.url,
          NODE_NAME: name,
        },
      })
    const token = signToken(secret, await addUser(database, 'admin'))
    await using one = await node('one')
    await using two = await node('two')
    const follower = follow(two.url, token)
    try {
      const ask = async (): Promise<Page & { readonly tookMs: number }> => {
        const startedAt = performance.now()
        const response = await fetch(`${one.url}/api/connections`, {
          headers: { authorization: `Bearer ${token}` },
        })
        const page = (await response.json()) as Page
        return { ...page, tookMs: Math.round(performance.now() - startedAt) }
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
      const silent = await ask()
      expect(silent).toMatchObject({ nodes: ['one'], missingNodes: ['two'] })
      await redis.restart()
      await expect
        .poll(async () => {
          const response = await fetch(`${one.url}/health/ready`)
          return ((await response.json()) as { redis: { state: string } }).redis.state
        })
        .toBe('up')
      const forgotten = await ask()
      expect(forgotten).toMatchObject({ nodes: ['one'], missingNodes: ['two'] })

      await expect
        .poll(() => rows('closed'), { timeout: 20_000, interval: 100 })
        .toEqual([{ code: 'NODE_LOST' }])
      const lostMs = Math.round(performance.now() - stoppedAt)
      // Redis itself may stand still.
      process.kill(redis.pid(), 'SIGSTOP')
      const alone = await ask()
      process.kill(redis.pid(), 'SIGCONT')
      console.log(
        `answers with a silent node: ${silent.tookMs.toString()} ms, after a restart of Redis ${forgotten.tookMs.toString()} ms, ` +
          `with Redis silent ${alone.tookMs.toString()} ms; its socket closed on record after ${lostMs.toString()} ms`,
      )
      expect(lostMs).toBeLessThan(15_000)
      // As many more as a machine under load takes for a request.
      for (const { tookMs } of [silent, forgotten, alone]) expect(tookMs).toBeLessThan(500)

      // It wakes up, hears that it was given up, and lets nobody go on with it.
      two.signal('SIGCONT')
      await expect.poll(() => follower.gapsMs.length, { timeout: 20_000 }).toBeGreaterThan(0)
    } finally {
      follower.socket.disconnect()
    }
  },
)

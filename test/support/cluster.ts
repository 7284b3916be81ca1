import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { createPostgres } from '../../src/storage/postgres.js'
import { setupApp, type TestApp } from './app.js'
import { startRedis, type RedisServer } from './redis-server.js'
import { createTestDatabase } from './world.js'

export interface Cluster extends AsyncDisposable {
  readonly one: TestApp
  readonly two: TestApp
  readonly redis: RedisServer
}

/**
 * Two nodes on one PostgreSQL and one Redis of their own, with some settings of the test's. A Redis that is given is the
 * caller's, as `REDIS_URL` may be.
 */
export const setupCluster = async (
  settings: Readonly<Record<string, string>> = {},
  shared?: RedisServer,
): Promise<Cluster> => {
  const first = await createTestDatabase()
  if (first.url === undefined) throw new Error('This test needs PostgreSQL.')
  const second = createPostgres({ url: first.url, onError: () => undefined })
  const redis = shared ?? (await startRedis())
  const env = {
    JWT_SECRET: randomBytes(48).toString('base64url'),
    REDIS_URL: redis.url,
    ...settings,
  }
  const one = await setupApp({ database: first, env: { ...env, NODE_NAME: 'one' } })
  const two = await setupApp({ database: second, env: { ...env, NODE_NAME: 'two' } })
  const admin = await one.addUser('admin')
  // Both must have heard of each other before a test may count on it.
  await expect
    .poll(async () => (await one.api(admin.token, 'GET', '/api/connections')).body['nodes'])
    .toEqual(['one', 'two'])
  return {
    one,
    two,
    redis,
    [Symbol.asyncDispose]: async () => {
      await two.close()
      await one.close()
      if (shared === undefined) await redis.stop()
    },
  }
}

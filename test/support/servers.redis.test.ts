import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, it } from 'vitest'
import { runAlone } from './databases.js'
import { startPostgres } from './postgres-server.js'
import { startRedis } from './redis-server.js'
import { testRedisUrl } from './world.js'

it('starts a PostgreSQL that keeps what was committed when it is killed', async () => {
  await using server = await startPostgres({ fsync: true })
  const firstPid = server.pid()
  await runAlone(server.url(), 'create table kept (id integer)')
  await runAlone(server.url(), 'insert into kept values (1)')
  await server.kill9()
  await expect(runAlone(server.url(), 'select 1')).rejects.toThrow('ECONNREFUSED')
  await server.restart()
  expect(server.pid()).not.toBe(firstPid)
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  const kept = await client.query('select id from kept')
  const durable = await client.query('show fsync')
  await client.end()
  expect(kept.rows).toEqual([{ id: 1 }])
  expect(durable.rows).toEqual([{ fsync: 'on' }])
})

it('starts a Redis that comes back empty on its port when it is killed', async () => {
  await using server = await startRedis()
  const ask = async (command: (redis: Redis) => Promise<unknown>) => {
    const redis = new Redis(server.url, { retryStrategy: () => null, lazyConnect: true })
    redis.on('error', () => undefined)
    try {
      await redis.connect()
      return await command(redis)
    } finally {
      redis.disconnect()
    }
  }
  expect(await ask((redis) => redis.set('key', 'value'))).toBe('OK')
  await server.kill9()
  await expect(ask((redis) => redis.ping())).rejects.toThrow()
  await server.restart()
  expect(await ask((redis) => redis.get('key'))).toBeNull()
})

it('gives the tests of this project a Redis', async () => {
  const redis = new Redis(testRedisUrl())
  expect(await redis.ping()).toBe('PONG')
  redis.disconnect()
})

import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { TestApp, TestUser } from '../support/app.js'
import { setupCluster, type Cluster } from '../support/cluster.js'
import { outcomes } from '../support/outcomes.js'
import { startRedis } from '../support/redis-server.js'
import { startTalkative } from '../support/talkative-server.js'
import { createTestDatabase } from '../support/world.js'
import { operatorOf } from './redis-states.js'

/** Two nodes that let a user connect once, and a Redis to be put in trouble. */
const setup = async () => {
  const redis = await startRedis()
  const operator = operatorOf(redis.url)
  await operator.run('ACL SETUSER uzima reset on >secret ~* &* +@all')
  const url = redis.url.replace('redis://', 'redis://uzima:secret@')
  const cluster = await setupCluster({ REDIS_URL: url, MAX_CONNECTIONS_PER_USER: '1' }, redis)
  return {
    cluster,
    operator,
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]()
      operator[Symbol.dispose]()
      await redis.stop()
    },
  }
}

const redisOf = (app: TestApp) => async () => {
  const { status, body } = await app.api(undefined, 'GET', '/health/ready')
  return { status, redis: body['redis'] }
}

const bothSay = async ({ one, two }: Cluster, redis: unknown): Promise<void> => {
  for (const app of [one, two]) await expect.poll(redisOf(app)).toEqual({ status: 200, redis })
}

const say = (app: TestApp, admin: TestUser, event: string) =>
  app.api(admin.token, 'POST', '/api/messages', { to: { all: true }, event, data: {} })

it('Redis without keys still carries messages and presence; places are counted by each node', async () => {
  await using world = await setup()
  const { cluster, operator } = world
  const { one, two } = cluster
  await bothSay(cluster, { state: 'up' })
  await operator.run('CONFIG SET min-replicas-to-write 1')
  await bothSay(cluster, { state: 'degraded', reason: 'no_replicas' })

  const admin = await one.addUser('admin')
  const user = await one.addUser('pharmacist')
  const clients = [await one.connect(user), await two.connect(user)]
  await say(one, admin, 'hello')
  for (const client of clients) await expect.poll(() => client.of('hello').length).toBe(1)
  const { body } = await two.api(admin.token, 'GET', '/api/connections')
  expect(body['connections']).toHaveLength(2)
  expect(body).toMatchObject({ nodes: ['one', 'two'], missingNodes: [] })

  await operator.run('CONFIG SET min-replicas-to-write 0')
  await bothSay(cluster, { state: 'up' })
})

it('Redis without messages still counts places; presence names the nodes that it could not ask', async () => {
  await using world = await setup()
  const { cluster, operator } = world
  const { one, two } = cluster
  await operator.run('ACL SETUSER uzima -publish')
  await bothSay(cluster, { state: 'degraded', reason: 'no_publish' })

  const admin = await one.addUser('admin')
  const user = await one.addUser('pharmacist')
  const near = await one.connect(user)
  two.client(user.token, { reconnection: false })
  await expect.poll(() => outcomes(two)).toHaveProperty(['refused TOO_MANY_CONNECTIONS'])
  const far = await two.connect(await one.addUser('pharmacist'))
  await say(one, admin, 'unheard')
  await expect.poll(() => near.of('unheard').length).toBe(1)
  const { body } = await one.api(admin.token, 'GET', '/api/connections')
  expect(body).toMatchObject({ nodes: ['one'], missingNodes: ['two'] })

  await operator.run('ACL SETUSER uzima +publish')
  await bothSay(cluster, { state: 'up' })
  await say(one, admin, 'heard')
  await expect.poll(() => far.of('heard').length).toBe(1)
  expect(far.of('unheard')).toEqual([])
})

it('the log of the server has the words for a refused password once, and no part of it', async () => {
  await using database = await createTestDatabase()
  await using redis = await startRedis()
  using operator = operatorOf(redis.url)
  await operator.run('ACL SETUSER uzima reset on >right ~* &* +@all')
  const password = randomBytes(12).toString('hex')
  await using server = await startTalkative({
    databaseUrl: database.url,
    redisUrl: redis.url.replace('redis://', `redis://uzima:${password}@`),
    secret: randomBytes(48).toString('base64url'),
  })
  await expect.poll(server.log, { timeout: 90_000 }).toContain('Redis is down')
  const before = await operator.attempts()
  let asked = 0
  await expect
    .poll(async () => (await operator.attempts()) - before - (asked += 1), { timeout: 60_000 })
    .toBeGreaterThan(10)
  await operator.run(`ACL SETUSER uzima >${password}`)
  await expect.poll(server.log).toContain('Redis is reachable')
  await server.stop()

  const text = await server.log()
  expect(text.match(/Redis is down: it refuses the user name or password/g)).toHaveLength(1)
  expect(text).toContain('"reason":"login_refused"')
  expect(text).not.toContain(password)
})

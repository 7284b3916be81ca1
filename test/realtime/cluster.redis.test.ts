import { systemSchema } from '@uzima/contracts'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { readServiceName } from '../../src/log/service-name.js'
import { setupApp, type TestApp } from '../support/app.js'
import { setupCluster } from '../support/cluster.js'
import { outcomes } from '../support/outcomes.js'
import { startRedis } from '../support/redis-server.js'

describe('two nodes', () => {
  it('show a change that either made, or nobody, to the sockets of both', async () => {
    await using cluster = await setupCluster()
    const { one, two } = cluster
    const user = await one.addUser('inventory_manager')
    const clients = [await one.connect(user), await two.connect(user)]
    const create = (app: TestApp, sku: string) =>
      app.api(user.token, 'POST', '/api/inventory', { sku, name: sku })
    expect((await create(one, 'A')).status).toBe(201)
    expect((await create(two, 'B')).status).toBe(201)
    await one.database.query(`insert into inventory_items (sku, name) values ('C', 'C')`)

    for (const client of clients) {
      await expect
        .poll(() => client.of('inventory:update').map(({ item }) => (item as { sku: string }).sku))
        .toEqual(['A', 'B', 'C'])
    }
  })

  it('let a user have so many sockets together and no more, however many come at once', async () => {
    await using cluster = await setupCluster({ MAX_CONNECTIONS_PER_USER: '3' })
    const { one, two } = cluster
    const user = await one.addUser('pharmacist')
    const clients = [one, two, one, two, one, two, one, two].map((app) =>
      app.client(user.token, { reconnection: false }),
    )

    await expect
      .poll(() => outcomes(one))
      .toEqual({ accepted: 3, 'refused TOO_MANY_CONNECTIONS': 5 })
    const connected = (): number =>
      clients.filter((client) => client.of('connected').length > 0).length
    await expect.poll(connected).toBe(3)
  })

  it('carry a message to a user, a role and all, wherever they are connected', async () => {
    await using cluster = await setupCluster()
    const { one, two } = cluster
    const admin = await one.addUser('admin')
    const amina = await two.connect(await two.addUser('pharmacist', { username: 'amina' }))
    const baraka = await one.connect(await one.addUser('doctor', { username: 'baraka' }))
    const userId = amina.of('connected')[0]?.['userId']
    const send = (to: unknown, event: string) =>
      one.api(admin.token, 'POST', '/api/messages', { to, event, data: { n: 1 } })
    expect((await send({ userId }, 'to:user')).status).toBe(202)
    await send({ role: 'doctor' }, 'to:role')
    await send({ all: true }, 'to:all')

    await expect.poll(() => amina.of('to:all').length).toBe(1)
    await expect.poll(() => baraka.of('to:all').length).toBe(1)
    expect(amina.events.map(({ event }) => event)).toEqual(['connected', 'to:user', 'to:all'])
    expect(baraka.events.map(({ event }) => event)).toEqual(['connected', 'to:role', 'to:all'])
  })

  it('agree on who is connected, and end a connection of the other', async () => {
    await using cluster = await setupCluster()
    const { one, two } = cluster
    const admin = await one.addUser('admin')
    const amina = await two.connect(await two.addUser('pharmacist'))
    await one.connect(await one.addUser('doctor'))
    for (const app of [one, two]) {
      const { body } = await app.api(admin.token, 'GET', '/api/connections')
      expect(body['connections']).toHaveLength(2)
      expect(body).toMatchObject({ nodes: ['one', 'two'], missingNodes: [] })
    }
    const { status } = await one.api(
      admin.token,
      'DELETE',
      `/api/connections/${amina.socket.id ?? ''}`,
    )

    expect(status).toBe(204)
    await expect.poll(() => amina.of('session:closing').length).toBe(1)
    expect((await one.api(admin.token, 'DELETE', '/api/connections/nobody')).status).toBe(404)
  })

  it('tell how each of them is, to whichever is asked', async () => {
    await using cluster = await setupCluster()
    const admin = await cluster.one.addUser('admin')
    for (const [answeredBy, app] of [
      ['one', cluster.one],
      ['two', cluster.two],
    ] as const) {
      const { body } = await app.api(admin.token, 'GET', '/api/system')
      const system = systemSchema.parse(body)
      expect(system).toMatchObject({ answeredBy, missingNodes: [] })
      expect(system.nodes.map(({ node }) => node)).toEqual(['one', 'two'])
      for (const node of system.nodes) {
        expect(node).toMatchObject({ ready: true, database: 'up', redis: 'up', log: 'fresh' })
      }
    }
  })

  it('leave the sockets of the other alone when one stops', async () => {
    await using cluster = await setupCluster()
    const { one, two } = cluster
    const staying = await one.connect(await one.addUser('pharmacist'))
    const leaving = await two.connect(await two.addUser('pharmacist'), { reconnection: false })
    await two.stop()
    await expect
      .poll(() => leaving.of('session:closing'))
      .toMatchObject([{ code: 'SERVER_DRAINING', retryable: true }])
    await one.database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)

    await expect.poll(() => staying.of('inventory:update').length).toBe(1)
    expect(staying.of('connected').length).toBe(1)
  })

  it('close the sockets of a dismissed user on both', async () => {
    await using cluster = await setupCluster()
    const { one, two } = cluster
    const user = await one.addUser('pharmacist')
    const clients = [await one.connect(user), await two.connect(user)]
    await two.database.query('update users set is_active = false where id = $1', [user.id])

    for (const client of clients) {
      await expect
        .poll(() => client.of('session:closing'))
        .toMatchObject([{ code: 'AUTH_USER_INACTIVE' }])
    }
  })
})

describe('Redis', () => {
  it('may die: stock events go on, the local sockets get messages, and all is well after it', async () => {
    await using cluster = await setupCluster()
    const { one, two, redis } = cluster
    const admin = await one.addUser('admin')
    const near = await one.connect(await one.addUser('pharmacist'))
    const far = await two.connect(await two.addUser('pharmacist'))
    const send = (event: string) =>
      one.api(admin.token, 'POST', '/api/messages', { to: { all: true }, event, data: {} })
    const redisState = async () =>
      ((await one.api(undefined, 'GET', '/health/ready')).body['redis'] as { state: string }).state
    await redis.kill9()
    await expect.poll(redisState).toBe('down')
    await one.database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)
    expect((await send('while:away')).status).toBe(202)

    await expect.poll(() => near.of('inventory:update').length).toBe(1)
    await expect.poll(() => far.of('inventory:update').length).toBe(1)
    await expect.poll(() => near.of('while:away').length).toBe(1)
    await redis.restart()
    await expect.poll(redisState).toBe('up')
    await expect
      .poll(async () => {
        await send('back')
        return far.of('back').length
      })
      .toBeGreaterThan(0)
    // What was sent meanwhile is not delivered late.
    expect(far.of('while:away')).toEqual([])
  })

  it('may be away at the start', async () => {
    const redis = await startRedis()
    await redis.stop()
    await using app = await setupApp({ env: { REDIS_URL: redis.url } })
    const client = await app.connect(await app.addUser('pharmacist'))
    await app.database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)

    await expect.poll(() => client.of('inventory:update').length).toBe(1)
  })

  it('may publish garbage: it is ignored', async () => {
    await using cluster = await setupCluster()
    const { one, redis } = cluster
    const client = await one.connect(await one.addUser('pharmacist'))
    const hostile = new Redis(redis.url)
    const service = await readServiceName(one.database)
    for (const rest of [
      'socket.io#/#',
      'socket.io-request#/#',
      'socket.io-response#/#',
      'presence:questions',
    ]) {
      const channel = `uzima:${service}:${rest}`
      expect(await hostile.pubsub('NUMSUB', channel)).toEqual([channel, 2])
      for (const text of ['', 'garbage', '{}', '{"id":{}}', '\u0081', '[1,2,3]']) {
        await hostile.publish(channel, text)
      }
    }
    hostile.disconnect()
    await one.database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)

    await expect.poll(() => client.of('inventory:update').length).toBe(1)
    expect(client.events.map(({ event }) => event)).toEqual(['connected', 'inventory:update'])
  })

  it('never hears a token', async () => {
    await using cluster = await setupCluster()
    const { one, redis } = cluster
    const heard: string[] = []
    const spy = new Redis(redis.url)
    await spy.psubscribe('*')
    spy.on('pmessageBuffer', (_pattern: unknown, _channel: unknown, message: Buffer) => {
      heard.push(message.toString('latin1'))
    })
    const admin = await one.addUser('admin')
    const user = await one.addUser('pharmacist')
    await one.connect(user)
    await one.connect(user, { query: { token: user.token } })
    await one.connect(user, { extraHeaders: { authorization: `Bearer ${user.token}` } })
    await one.api(admin.token, 'GET', '/api/connections')
    await one.api(admin.token, 'POST', '/api/messages', {
      to: { all: true },
      event: 'x',
      data: {},
    })
    await expect.poll(() => heard.length).toBeGreaterThan(2)
    spy.disconnect()

    for (const secret of [user.token, admin.token]) {
      expect(heard.filter((message) => message.includes(secret.slice(-16)))).toEqual([])
    }
  })
})

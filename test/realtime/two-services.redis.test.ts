import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { readServiceName } from '../../src/log/service-name.js'
import type { TestApp, TestUser } from '../support/app.js'
import { setupCluster, type Cluster } from '../support/cluster.js'
import { startRedis } from '../support/redis-server.js'

/** Two clinics, of two nodes each with the same names, that share one Redis. */
const setupClinics = async (numbers: readonly [string, string]) => {
  const redis = await startRedis()
  const settings = (number: string) => ({
    REDIS_URL: `${redis.url}${number}`,
    MAX_CONNECTIONS_PER_USER: '2',
  })
  const near = await setupCluster(settings(numbers[0]), redis)
  const far = await setupCluster(settings(numbers[1]), redis)
  return {
    near,
    far,
    redis,
    [Symbol.asyncDispose]: async () => {
      await far[Symbol.asyncDispose]()
      await near[Symbol.asyncDispose]()
      await redis.stop()
    },
  }
}

/** The same person in both databases, as after a database was cloned. */
const addTwin = async (clinics: readonly Cluster[]): Promise<TestUser[]> => {
  const id = randomUUID()
  return Promise.all(
    clinics.map(async ({ one }) => {
      const username = `twin-${id.slice(0, 8)}`
      await one.database.query(
        `insert into users (id, username, email, role) values ($1, $2, $2 || '@example.org', 'pharmacist')`,
        [id, username],
      )
      return { id, username, role: 'pharmacist' as const, token: one.tokenFor(id) }
    }),
  )
}

const sendTo = (app: TestApp, admin: TestUser, to: unknown, event: string) =>
  app.api(admin.token, 'POST', '/api/messages', { to, event, data: {} })

describe.each([
  ['one database number', ['', '']],
  ['two database numbers', ['/0', '/1']],
] as const)('two services on one Redis, %s', (_name, numbers) => {
  it('never meet: no message, no presence, no end of a connection, no count of places', async () => {
    await using clinics = await setupClinics(numbers)
    const { near, far } = clinics
    const [nearTwin, farTwin] = await addTwin([near, far])
    if (nearTwin === undefined || farTwin === undefined) throw new Error('There are no twins.')
    const nearAdmin = await near.one.addUser('admin')
    const farAdmin = await far.one.addUser('admin')
    // Each may have two: a count over both clinics would turn the third away.
    const here = [await near.one.connect(nearTwin), await near.two.connect(nearTwin)]
    const there = [await far.one.connect(farTwin), await far.two.connect(farTwin)]

    for (const to of [{ all: true }, { userId: nearTwin.id }, { role: 'pharmacist' }]) {
      expect((await sendTo(near.one, nearAdmin, to, 'near')).status).toBe(202)
      expect((await sendTo(far.two, farAdmin, to, 'far')).status).toBe(202)
    }
    for (const client of here) await expect.poll(() => client.of('near').length).toBe(3)
    for (const client of there) await expect.poll(() => client.of('far').length).toBe(3)

    const listed = await near.two.api(nearAdmin.token, 'GET', '/api/connections')
    expect(listed.body).toMatchObject({ nodes: ['one', 'two'], missingNodes: [] })
    expect(listed.body['connections']).toHaveLength(2)
    const remove = (app: TestApp, admin: TestUser, client = there[0]) =>
      app.api(admin.token, 'DELETE', `/api/connections/${client?.socket.id ?? ''}`)
    expect((await remove(near.one, nearAdmin)).status).toBe(404)
    // What came with it has arrived: this message was sent after all that must not come.
    await sendTo(far.one, farAdmin, { all: true }, 'last')
    for (const client of there) {
      await expect.poll(() => client.of('last').length).toBe(1)
      expect(client.of('near')).toEqual([])
      expect(client.of('session:closing')).toEqual([])
    }
    for (const client of here) expect(client.of('far')).toEqual([])
    expect((await remove(far.two, farAdmin)).status).toBe(204)
  })
})

describe('one service on a Redis', () => {
  it('names nothing there that does not begin with its own name, whatever it does', async () => {
    await using cluster = await setupCluster({ MAX_CONNECTIONS_PER_USER: '2' })
    const { one, two, redis } = cluster
    const prefix = `uzima:${await readServiceName(one.database)}:`
    const spy = new Redis(redis.url)
    const monitor = await spy.monitor()
    const seen: string[][] = []
    monitor.on('monitor', (_time: string, args: string[]) => seen.push(args))
    const admin = await one.addUser('admin')
    const user = await one.addUser('doctor')
    const send = (app: TestApp, to: unknown) => sendTo(app, admin, to, 'x')

    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            app: fc.constantFrom(one, two),
            act: fc.constantFrom('connect', 'all', 'user', 'role', 'room', 'list', 'end', 'leave'),
          }),
          { minLength: 4, maxLength: 12 },
        ),
        async (steps) => {
          for (const { app, act } of steps) {
            const client = act === 'connect' || act === 'leave' ? app.client(user.token) : undefined
            if (act === 'leave') client?.socket.disconnect()
            else if (act === 'all') await send(app, { all: true })
            else if (act === 'user') await send(app, { userId: user.id })
            else if (act === 'role') await send(app, { role: 'doctor' })
            else if (act === 'room') await send(app, { room: 'ward 3' })
            else if (act === 'list') await app.api(admin.token, 'GET', '/api/connections')
            else if (act === 'end') await app.api(admin.token, 'DELETE', '/api/connections/nobody')
          }
        },
      ),
      { numRuns: 5 },
    )
    const channels = (await spy.pubsub('CHANNELS', '*')) as string[]
    expect(channels.length).toBeGreaterThan(5)
    await two.stop()
    await expect.poll(() => [...namesIn(seen)].some((name) => name.includes(':probe'))).toBe(true)
    // The last thing that a node does there.
    await expect
      .poll(() => seen.some(([name, , member]) => /zrem/i.test(name ?? '') && member === 'two'))
      .toBe(true)
    monitor.disconnect()
    spy.disconnect()

    // Each kind of what goes through Redis has been seen, so the list below is about all of them.
    const names = [...namesIn(seen)]
    expect(names.filter((name) => !name.startsWith(prefix))).toEqual([])
    const kinds = names.map((name) => name.slice(prefix.length).split(/[:#]/)[0])
    expect(new Set(kinds)).toEqual(new Set(['connections', 'presence', 'probe', 'socket.io']))
    expect(channels.filter((name) => !name.startsWith(prefix))).toEqual([])
  })

  it('goes on as one under a new name when the epoch of its log changes below it', async () => {
    await using cluster = await setupCluster()
    const { one, two, redis } = cluster
    const before = await readServiceName(one.database)
    await one.database.query('select start_new_epoch()')
    const after = await readServiceName(one.database)
    expect(after).not.toBe(before)

    const spy = new Redis(redis.url)
    const listeners = async (service: string) =>
      ((await spy.pubsub('NUMSUB', `uzima:${service}:socket.io#/#`)) as [string, number])[1]
    await expect.poll(() => listeners(after)).toBe(2)
    await expect.poll(() => listeners(before)).toBe(0)
    spy.disconnect()
    const admin = await one.addUser('admin')
    const far = await two.connect(await two.addUser('pharmacist'))
    await sendTo(one, admin, { all: true }, 'hello')
    await expect.poll(() => far.of('hello').length).toBe(1)
    await expect
      .poll(async () => (await two.api(admin.token, 'GET', '/api/connections')).body['nodes'])
      .toEqual(['one', 'two'])
  })
})

/** Channels and keys in the commands that Redis was given; a command that is not known here fails the test. */
const namesIn = (commands: readonly (readonly string[])[]): Set<string> =>
  new Set(
    commands.flatMap(([command = '', ...args]) => {
      switch (command.toUpperCase()) {
        case 'PUBLISH':
        case 'ZADD':
        case 'ZREM':
        case 'ZCARD':
        case 'ZSCORE':
        case 'ZRANGEBYSCORE':
        case 'ZREMRANGEBYSCORE':
        case 'PEXPIRE':
          return args.slice(0, 1)
        case 'SUBSCRIBE':
        case 'UNSUBSCRIBE':
          return args
        case 'EVAL':
          return args.slice(2, 3)
        case 'PUBSUB':
          // The test asks for all channels.
          return args.slice(1).filter((name) => name !== '*')
        case 'TIME':
        case 'SELECT':
        case 'MONITOR':
        case 'INFO':
        case 'CLIENT':
          return []
        default:
          return [`${command} is not known`]
      }
    }),
  )

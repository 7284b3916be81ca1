import { readFile, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startRedis, type RedisServer } from '../support/redis-server.js'
import { linkTo, operatorOf } from './redis-states.js'

const PASSWORD = 'p4ss-w0rd'

interface Trouble {
  readonly name: string
  /** What is told while it lasts. */
  readonly told: string
  /** Commands of the operator's that begin it and end it, with `{port}` for a second Redis. */
  readonly begin: readonly string[]
  readonly end: readonly string[]
}

const withoutRight = (name: string, told: string, rights: string, back: string): Trouble => ({
  name,
  told,
  begin: [`ACL SETUSER uzima reset on >${PASSWORD} ${rights}`, 'CLIENT KILL USER uzima'],
  end: [`ACL SETUSER uzima ${back}`, 'CLIENT KILL USER uzima'],
})

const TROUBLES: readonly Trouble[] = [
  withoutRight(
    'a wrong password',
    'down login_refused',
    '~* &* +@all <' + PASSWORD,
    `>${PASSWORD}`,
  ),
  withoutRight('a user that is off', 'down login_refused', '~* &* +@all off', 'on'),
  withoutRight('no right to publish', 'degraded no_publish', '~* &* +@all -publish', '+publish'),
  withoutRight(
    'no right to subscribe',
    'degraded no_subscribe',
    '~* &* +@all -subscribe',
    '+subscribe',
  ),
  withoutRight('no right to the channels', 'degraded no_subscribe', '~* +@all', '&uzima:*'),
  withoutRight('no right to scripts', 'degraded no_keys', '~* &* +@all -@scripting', '+eval'),
  withoutRight(
    'no right to sorted sets',
    'degraded no_keys',
    '~* &* +@all -@sortedset',
    '+@sortedset',
  ),
  withoutRight('no right to remove a place', 'degraded no_keys', '~* &* +@all -zrem', '+zrem'),
  withoutRight('no right to the keys', 'degraded no_keys', '&* +@all', '~uzima:*'),
  withoutRight('no right at all', 'down no_subscribe', '', '~* &* +@all'),
  {
    name: 'a replica',
    told: 'degraded read_only',
    begin: ['REPLICAOF 127.0.0.1 {port}'],
    end: ['REPLICAOF NO ONE'],
  },
  {
    name: 'full memory',
    told: 'degraded full',
    begin: ['CONFIG SET maxmemory-policy noeviction', 'CONFIG SET maxmemory 1'],
    end: ['CONFIG SET maxmemory 0'],
  },
  {
    name: 'too few replicas',
    told: 'degraded no_replicas',
    begin: ['CONFIG SET min-replicas-to-write 1'],
    end: ['CONFIG SET min-replicas-to-write 0'],
  },
  {
    name: 'as many clients as it takes',
    told: 'down too_many_clients',
    begin: ['CONFIG SET maxclients 1', 'CLIENT KILL USER uzima'],
    end: ['CONFIG SET maxclients 100'],
  },
]

/** A Redis with a user for the service. */
const startWithUser = async (settings: Readonly<Record<string, string>> = {}) => {
  const redis = await startRedis(settings)
  const operator = operatorOf(redis.url)
  await operator.run(`ACL SETUSER uzima reset on >${PASSWORD} ~* &* +@all`)
  const url = redis.url.replace('redis://', `redis://uzima:${PASSWORD}@`)
  return {
    redis,
    operator,
    url,
    [Symbol.asyncDispose]: async () => {
      operator[Symbol.dispose]()
      await redis.stop()
    },
  }
}

const pointTo = (other: RedisServer, lines: readonly string[]): string[] =>
  lines.map((line) => line.replace('{port}', other.port.toString()))

describe('Redis in trouble', () => {
  it.each(TROUBLES)(
    'is told of once while it lasts, and once when it is over: $name',
    async (trouble) => {
      await using other = await startRedis()
      await using server = await startWithUser()
      const { operator } = server
      await using watched = linkTo(server.url)
      await expect.poll(() => watched.told).toEqual(['up'])

      for (const line of pointTo(other, trouble.begin)) await operator.run(line)
      await expect.poll(() => watched.told.at(-1)).toBe(trouble.told)
      // Tried again and again meanwhile.
      const before = await operator.attempts()
      let asked = 0
      await expect
        .poll(async () => (await operator.attempts()) - before - (asked += 1))
        .toBeGreaterThan(10)
      expect(watched.told.slice(1).filter((state) => state === trouble.told)).toHaveLength(1)
      expect(watched.link.state().state).toBe(trouble.told.split(' ')[0])

      for (const line of pointTo(other, trouble.end)) await operator.run(line)
      await expect.poll(() => watched.told.at(-1)).toBe('up')
      expect(watched.told).toEqual(['up', trouble.told, 'up'])
      expect(watched.words.join('\n')).not.toContain(PASSWORD)
    },
  )

  it('is none with the rights that docs/operations.md gives, and no other', async () => {
    await using server = await startWithUser()
    const text = await readFile('docs/operations.md', 'utf8')
    const rights = /~uzima:\* &uzima:\* \+publish[^`]+/.exec(text)?.[0] ?? ''
    await server.operator.run(`ACL SETUSER uzima reset on >${PASSWORD} ${rights}`)
    await using watched = linkTo(server.url)
    await expect.poll(() => watched.told).toEqual(['up'])
  })

  it('is told of at the start, and again when another trouble takes its place', async () => {
    await using server = await startWithUser()
    const { operator } = server
    await operator.run('CONFIG SET min-replicas-to-write 1')
    await using watched = linkTo(server.url)
    await expect.poll(() => watched.told).toEqual(['degraded no_replicas'])
    await operator.run('CONFIG SET maxmemory 1')
    await operator.run('CONFIG SET min-replicas-to-write 0')
    await expect.poll(() => watched.told).toEqual(['degraded no_replicas', 'degraded full'])
  })

  it('is told of where it stands still', async () => {
    await using server = await startWithUser()
    await using watched = linkTo(server.url)
    await expect.poll(() => watched.told).toEqual(['up'])
    process.kill(server.redis.pid(), 'SIGSTOP')
    await expect.poll(() => watched.told).toEqual(['up', 'down no_answer'])
    expect(watched.link.hasKeys()).toBe(false)
    process.kill(server.redis.pid(), 'SIGCONT')
    await expect.poll(() => watched.told).toEqual(['up', 'down no_answer', 'up'])
  })

  it('is told of where it still reads its data', async () => {
    const slowly = { 'key-load-delay': '20000', 'loading-process-events-interval-bytes': '1024' }
    await using redis = await startRedis({ ...slowly, rdbcompression: 'no' })
    const operator = operatorOf(redis.url)
    const fill = `for i = 1, 150 do redis.call('SET', i, string.rep('x', 2000)) end`
    await operator.run(['EVAL', fill, '0'])
    await operator.run('SAVE')
    operator[Symbol.dispose]()
    await using watched = linkTo(redis.url)
    await expect.poll(() => watched.told).toEqual(['up'])
    await redis.restart()
    await expect.poll(() => watched.told.at(-1)).toBe('up')
    const meanwhile = watched.told.filter((state) => state.endsWith(' loading'))
    expect(meanwhile).toEqual(['degraded loading'])
  })

  it('is told of where it cannot save', async () => {
    await using server = await startWithUser()
    const { operator } = server
    const [, folder] = (await operator.run('CONFIG GET dir')) as [string, string]
    await using watched = linkTo(server.url)
    await expect.poll(() => watched.told).toEqual(['up'])
    await rm(folder, { recursive: true })
    await operator.run(['CONFIG', 'SET', 'save', '3600 1'])
    await operator.run('BGSAVE')
    await expect.poll(() => watched.told).toEqual(['up', 'degraded not_saving'])
    await operator.run('CONFIG SET stop-writes-on-bgsave-error no')
    await expect.poll(() => watched.told).toEqual(['up', 'degraded not_saving', 'up'])
  })

  it('is told of where it is a cluster that does not serve our keys', async () => {
    await using server = await startWithUser({ 'cluster-enabled': 'yes' })
    await using watched = linkTo(server.url)
    await expect.poll(() => watched.told).toEqual(['degraded cluster'])
    await server.operator.run('CLUSTER ADDSLOTSRANGE 0 16383')
    await expect.poll(() => watched.told).toEqual(['degraded cluster', 'up'])
  })

  it('is told of where it has no such database, and works in database 0', async () => {
    await using server = await startWithUser()
    await using watched = linkTo(`${server.url}/99`)
    await expect.poll(() => watched.told).toEqual(['degraded database_number'])
    expect(watched.link.hasKeys()).toBe(true)
  })
})

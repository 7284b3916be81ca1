import { randomBytes, randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import jwt from 'jsonwebtoken'
import { io } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import { startRedis } from '../support/redis-server.js'
import { startTalkative } from '../support/talkative-server.js'
import { createTestDatabase, type TestDatabase } from '../support/world.js'

/** As much of a secret as nobody finds by chance. */
const markOf = (secret: string): string => secret.slice(-16)

/** Every row of every table, as text. */
const dump = async (database: TestDatabase): Promise<string> => {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  )
  const texts: string[] = []
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(`select t::text as row from ${name} t`)
    texts.push(name, ...rows.map(({ row }) => row))
  }
  return texts.join('\n')
}

// M11, M15, class 23, ASVS 16.2.5
describe('a secret', () => {
  it('is found in no log, row, Redis command, metric, page, header or refusal, however it was sent', async () => {
    await using database = await createTestDatabase()
    await using redis = await startRedis()
    const secret = randomBytes(48).toString('base64')
    await using server = await startTalkative({
      databaseUrl: database.url,
      redisUrl: redis.url,
      secret,
      env: { AUTH_FAILURES_PER_MINUTE: '1000000' },
    })
    const { url } = server
    const spy = new Redis(redis.url)
    const monitor = await spy.monitor()
    const heard: string[] = []
    monitor.on('monitor', (_time: string, args: string[]) => heard.push(args.join(' ')))
    const [user] = await database.query<{ id: string }>(
      `insert into users (username, email, role) values ('amina', 'a@clinic.example', 'pharmacist') returning id`,
    )
    const secrets = new Map<string, string>([
      ['the key', secret],
      ['the password of the administrator', server.adminPassword],
    ])
    const sids: string[] = []
    const answers: string[] = []
    const marked = (what: string, text: string): string => {
      secrets.set(what, text)
      return text
    }
    const keep = async (response: Response): Promise<string> => {
      const body = await response.text()
      answers.push(JSON.stringify([...response.headers]), body)
      return body
    }
    const sign = (options: jwt.SignOptions, key = secret): string =>
      jwt.sign({ id: user?.id, mark: randomUUID() }, key, options)
    const kinds = {
      valid: () => sign({ expiresIn: 600 }),
      expired: () => sign({ expiresIn: -600 }),
      forged: () => sign({ expiresIn: 600 }, randomBytes(48).toString('base64')),
      'not even a token': () => `x${randomBytes(30).toString('hex')}`,
    }

    for (const [kind, make] of Object.entries(kinds)) {
      for (const transport of ['websocket', 'polling', 'both'] as const) {
        const token = (carrier: string): string =>
          marked(`${kind} token by ${carrier} over ${transport}`, make())
        const byAuth = token('auth')
        const byHeader = token('header')
        const byQuery = token('query')
        const carriers = [
          { auth: { token: byAuth } },
          { extraHeaders: { authorization: `Bearer ${byHeader}` } },
          { query: { token: byQuery } },
          { auth: { token: { inside: token('an object') } } },
          { extraHeaders: { 'user-agent': `Bearer ${token('the user agent')}` } },
          { extraHeaders: { cookie: `token=${token('a cookie')}` } },
        ]
        for (const carrier of carriers) {
          const socket = io(url, {
            ...carrier,
            forceNew: true,
            reconnection: false,
            transports: transport === 'both' ? ['polling', 'websocket'] : [transport],
          })
          socket.io.on('open', () => sids.push((socket.io.engine as { readonly id: string }).id))
          socket.io.on('packet', (packet) => answers.push(JSON.stringify(packet.data ?? '')))
          await new Promise<void>((resolve) => {
            socket.once('connected', () => {
              socket
                .timeout(2_000)
                .emitWithAck('auth:refresh', { token: token('auth:refresh') })
                .then(
                  () => {
                    resolve()
                  },
                  () => {
                    resolve()
                  },
                )
            })
            socket.once('connect_error', () => {
              resolve()
            })
            socket.once('disconnect', () => {
              resolve()
            })
          })
          socket.disconnect()
        }
      }
      const call = async (path: string, headers: Record<string, string> = {}): Promise<void> => {
        await keep(await fetch(`${url}${path}`, { headers }))
      }
      await call('/api/auth/me', { authorization: `Bearer ${marked(`${kind} on REST`, make())}` })
      await call('/api/auth/me', { authorization: marked(`${kind} without a scheme`, make()) })
      await call(`/api/auth/me?token=${marked(`${kind} in a REST query`, make())}`)
      await call(`/${marked(`${kind} as a path`, make())}`)
      await call(
        `/socket.io/?EIO=4&transport=x&token=${marked(`${kind} on a wrong transport`, make())}`,
      )
      await call('/', { referer: `${url}/?token=${marked(`${kind} as a referrer`, make())}` })
    }

    const post = async (path: string, body: unknown, token?: string): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      })
    const wrong = marked('a wrong password', randomBytes(20).toString('hex'))
    await keep(await post('/api/auth/login', { username: 'admin', password: wrong }))
    await keep(await post('/api/auth/login', { username: 'nobody', password: wrong }))
    await keep(await post('/api/auth/login', { username: 'admin', password: { wrong } }))
    const entered = await post('/api/auth/login', {
      username: 'admin',
      password: server.adminPassword,
    })
    // The one answer that is meant to hold tokens.
    const tokens = (await entered.json()) as { accessToken: string; refreshToken: string }
    marked('the access token of a login', tokens.accessToken)
    marked('a refresh token', tokens.refreshToken)
    for (const what of ['next', 'retried']) {
      const pair = (await (
        await post('/api/auth/refresh', { refreshToken: tokens.refreshToken })
      ).json()) as { accessToken: string; refreshToken: string }
      marked(`the ${what} access token`, pair.accessToken)
      marked(`the ${what} refresh token`, pair.refreshToken)
      if (what === 'retried') await post('/api/auth/refresh', { refreshToken: pair.refreshToken })
    }
    const invented = marked('an invented refresh token', randomBytes(32).toString('base64url'))
    await keep(await post('/api/auth/refresh', { refreshToken: invented }))
    await keep(await post('/api/auth/refresh', { refreshToken: tokens.refreshToken }))
    const again = (await (
      await post('/api/auth/login', { username: 'admin', password: server.adminPassword })
    ).json()) as { accessToken: string }
    marked('the last access token', again.accessToken)
    const newPassword = marked('a new password', randomBytes(20).toString('hex'))
    const newUser = { username: 'baraka', email: 'b@clinic.example', role: 'doctor' }
    await keep(await post('/api/users', { ...newUser, password: newPassword }, again.accessToken))
    await keep(await post('/api/users', { ...newUser, password: newPassword }, again.accessToken))
    const bearer = { authorization: `Bearer ${again.accessToken}` }
    for (const path of [
      '/api/connections',
      '/api/connection-attempts?limit=500',
      '/api/users',
      '/metrics',
    ]) {
      await keep(await fetch(`${url}${path}`, { headers: bearer }))
    }
    const page = await keep(await fetch(`${url}/`))
    for (const [, asset = ''] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      await keep(await fetch(`${url}${asset}`))
    }
    await expect
      .poll(async () => (await dump(database)).split('accepted').length)
      .toBeGreaterThan(9)

    const haystacks = {
      log: await server.log(),
      database: await dump(database),
      Redis: heard.join('\n'),
      answers: answers.join('\n'),
    }
    monitor.disconnect()
    spy.disconnect()
    // It searches what is there: each place has something that is meant to be there.
    expect(haystacks.log).toContain('Connection refused')
    expect(haystacks.Redis).toMatch(/uzima:[0-9a-f]{32}:connections:/)
    expect(haystacks.answers).toContain('AUTH_TOKEN_EXPIRED')
    expect(secrets.size).toBeGreaterThan(90)
    const found = Object.entries(haystacks).flatMap(([place, text]) =>
      [...secrets]
        .filter(([, value]) => text.includes(markOf(value)))
        .map(([what]) => `${what}: ${place}`),
    )
    expect(found).toEqual([])
    // Whoever knows the id of a polling session can speak in it.
    expect(sids.length).toBeGreaterThan(20)
    expect(
      sids.filter((sid) => haystacks.log.includes(sid) || haystacks.database.includes(sid)),
    ).toEqual([])
  }, 120_000)
})

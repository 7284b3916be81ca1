import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPostgres } from '../../src/storage/postgres.js'
import type { Database } from '../../src/storage/database.js'
import { setupApp, type TestApp, type TestUser } from '../support/app.js'
import { expectWithin, times } from '../support/long.js'
import { untilLogIsRead } from '../support/read-log.js'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'
import { decodeFrames, openRawWebSocket, type RawSocket } from './raw-socket.js'
import { encodeFrame } from '../support/websocket-wire.js'

const LOOK_UP_MS = 60

/** A database on which each look-up of a user takes so much longer. */
const slowDatabase = async (): Promise<Database> => {
  const database = await createTestDatabase()
  return {
    ...database,
    query: async (sql, params) => {
      if (sql.includes('"tokensNotBefore"')) await delay(LOOK_UP_MS)
      return database.query(sql, params)
    },
  }
}

const connectBy = (raw: RawSocket, user: TestUser): void => {
  raw.write(encodeFrame(`40{"token":"${user.token}"}`))
}

const textsOf = (raw: RawSocket): string[] =>
  decodeFrames(raw.received()).frames.map(({ text }) => text)

const outcomes = async (app: TestApp): Promise<Record<string, number>> => {
  const rows = await app.database.query<{ outcome: string; count: number }>(
    'select outcome, sum(count) as count from connection_log group by 1',
  )
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]))
}

const addUsers = async (app: TestApp, count: number): Promise<TestUser[]> => {
  const users: TestUser[] = []
  for (let index = 0; index < count; index += 1) users.push(await app.addUser('pharmacist'))
  return users
}

// M7, class 15
describe('a client that leaves while its user is looked up', () => {
  it('leaves nothing behind, at any of many random moments', async () => {
    const rounds = times(4, 20)
    await using app = await setupApp({
      database: await slowDatabase(),
      env: { MAX_CONNECTIONS_PER_USER: '2', AUTH_FAILURES_PER_MINUTE: '1000000' },
    })
    const admin = await app.addUser('admin')
    const users = await addUsers(app, 20)
    const attempt = async (index: number): Promise<void> => {
      const user = users[index % users.length]
      using raw = await openRawWebSocket(app.url)
      if (user !== undefined) connectBy(raw, user)
      await delay(Math.random() * LOOK_UP_MS * 1.5)
      raw.reset()
    }
    for (let round = 0; round < rounds; round += 1) {
      // A change of each user empties the cache, so that the next look-up takes its time again.
      await app.database.query(`update users set role = 'doctor' where role = 'pharmacist'`)
      await app.database.query(`update users set role = 'pharmacist' where role = 'doctor'`)
      await Promise.all(Array.from({ length: 50 }, (_, index) => attempt(round * 50 + index)))
    }

    await expect
      .poll(async () => {
        const { accepted = 0, refused = 0, aborted = 0, closed = 0 } = await outcomes(app)
        return { attempts: accepted + refused + aborted, open: accepted - closed }
      })
      .toEqual({ attempts: rounds * 50, open: 0 })
    expect((await app.api(admin.token, 'GET', '/api/connections')).body['connections']).toEqual([])
    // Each place was given back: every user may open as many connections as he is allowed to.
    for (const user of users) {
      for (let i = 0; i < 2; i += 1) {
        expect((await app.connect(user)).socket.connected).toBe(true)
      }
    }
  })
})

// M3, class 16, ASVS 15.4.2
describe('a revocation swept through the handshake in small steps', () => {
  it('is survived by nobody', async () => {
    const database = await slowDatabase()
    await using app = await setupApp({
      database,
      env: { AUTH_FAILURES_PER_MINUTE: '1000000' },
    })
    let [refused, closed] = [0, 0]
    const sweep = async (user: TestUser, afterMs: number): Promise<void> => {
      using raw = await openRawWebSocket(app.url)
      connectBy(raw, user)
      await delay(afterMs)
      await database.query('update users set is_active = false where id = $1', [user.id])
      await expect
        .poll(() => raw.isClosed() || textsOf(raw).some((text) => text.startsWith('44')))
        .toBe(true)
      if (textsOf(raw).some((text) => text.startsWith('40'))) closed += 1
      else refused += 1
    }
    const stepMs = times(2, 1)
    // Until it covers both sides of the hand-over, or it shows nothing; a busy machine takes longer to get there.
    let at = 0
    for (; at * stepMs < 200 || closed <= 10; at += 10) {
      const users = await addUsers(app, 10)
      await Promise.all(users.map((user, index) => sweep(user, (at + index) * stepMs)))
    }

    expect(refused + closed).toBe(at)
    expect(refused).toBeGreaterThan(10)
  })
})

// M7, class 14
describe('a crowd of clients whose users are not known yet', () => {
  it('is let in at the pace of a few statements, not of one each', async () => {
    const database = await createTestDatabase()
    let [statements, slowerByMs] = [0, 0]
    await using app = await setupApp({
      database: {
        ...database,
        // As if the database were far away: each answer takes longer, whoever asks.
        query: async (sql, params, options) => {
          if (sql.includes('"tokensNotBefore"')) statements += 1
          await delay(slowerByMs)
          return database.query(sql, params, options)
        },
      },
    })
    const users = await addUsers(app, 500)
    const sockets = await Promise.all(users.map(() => openRawWebSocket(app.url)))
    slowerByMs = 50
    const startedAt = performance.now()
    for (const [index, raw] of sockets.entries()) {
      const user = users[index]
      if (user !== undefined) connectBy(raw, user)
    }
    const isIn = (raw: RawSocket): boolean => textsOf(raw).some((text) => text.startsWith('40'))
    await expect.poll(() => sockets.filter(isIn).length).toBe(users.length)
    // One each, five at a time, would take five seconds.
    expectWithin(2_500, performance.now() - startedAt, 'The admission of a crowd')
    for (const raw of sockets) raw.reset()

    expect(statements).toBeLessThan(50)
  })
})

// M7, class 14
describe('look-ups that hang', () => {
  itPostgresOnly('locks a table')(
    'end each handshake in time, and leave those alone whose users are known',
    async () => {
      await using database = await createTestDatabase()
      await using app = await setupApp({
        database,
        env: { AUTH_FAILURES_PER_MINUTE: '1000000', AUTHENTICATE_WITHIN_MS: '10000' },
      })
      const known = await app.addUser('pharmacist')
      const strangers = await addUsers(app, times(100, 500))
      // The log tells of each new user, too, and whom it tells of is looked up anew.
      await untilLogIsRead(app)
      const first = await app.connect(known)
      const other = createPostgres({ url: database.url ?? '', onError: () => undefined })
      let unlock: () => void = () => undefined
      const locked = new Promise<void>((resolve) => {
        unlock = resolve
      })
      const lock = other.transaction(async (tx) => {
        await tx.query('lock table users in access exclusive mode')
        await locked
      })
      const startedAt = performance.now()
      const sockets = await Promise.all(strangers.map(() => openRawWebSocket(app.url)))
      for (const [index, raw] of sockets.entries()) {
        const user = strangers[index]
        if (user !== undefined) connectBy(raw, user)
      }
      let served = 0
      const serveTheKnown = async (): Promise<void> => {
        while (sockets.some((raw) => !raw.isClosed())) {
          const askedAt = performance.now()
          const again = await app.connect(known)
          again.socket.disconnect()
          await app.database.query('select 1 from inventory_items')
          expectWithin(2_000, performance.now() - askedAt, 'The admission of somebody known')
          served += 1
        }
      }
      // Both while the table is locked: nobody waits for the look-ups that hang.
      await serveTheKnown()
      expectWithin(12_000, performance.now() - startedAt, 'The end of handshakes that hang')
      expect(served).toBeGreaterThan(5)
      unlock()
      await lock
      await other.close()

      expect(first.socket.connected).toBe(true)
      await expect.poll(() => outcomes(app)).toMatchObject({ refused: strangers.length })
      const stranger = strangers[0]
      if (stranger !== undefined) expect((await app.connect(stranger)).socket.connected).toBe(true)
    },
  )
})

import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openRaw } from '../security/raw-socket.js'
import { setupApp, type TestApp, type TestUser } from '../support/app.js'
import { createTestDatabase } from '../support/world.js'

interface World extends AsyncDisposable {
  readonly app: TestApp
  /** Statements that wait for the lock now. */
  readonly blocked: () => Promise<number>
  readonly unlock: () => Promise<void>
}

/** The whole service, its items locked by somebody else: whoever asks for one waits until `unlock`. */
const lockedItems = async (): Promise<World> => {
  const database = await createTestDatabase()
  const app = await setupApp({ database })
  await database.query(`insert into inventory_items (sku, name) values ('A', 'a')`)
  const other = new pg.Client({ connectionString: database.url })
  await other.connect()
  await other.query('begin; lock table inventory_items in access exclusive mode')
  let isLocked = true
  const unlock = async (): Promise<void> => {
    if (isLocked) await other.query('commit')
    isLocked = false
  }
  return {
    app,
    unlock,
    blocked: async () => {
      // Not by the connection that holds the lock: its transaction sees what it has seen.
      const [row] = await database.query<{ count: number }>(
        `select count(*) as count from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return row?.count ?? 0
    },
    [Symbol.asyncDispose]: async () => {
      await unlock()
      await other.end()
      await app.close()
    },
  }
}

interface Asked {
  readonly answer: Promise<Response | undefined>
  readonly hangUp: () => void
}

const ask = (app: TestApp, user: TestUser, path = '/api/inventory/A'): Asked => {
  const leaving = new AbortController()
  const headers = { authorization: `Bearer ${user.token}` }
  return {
    answer: fetch(`${app.url}${path}`, { headers, signal: leaving.signal }).catch(() => undefined),
    hangUp: () => {
      leaving.abort()
    },
  }
}

const waiting = async (app: TestApp, work: string): Promise<number> => {
  const text = await (await fetch(`${app.url}/metrics`)).text()
  const pattern = new RegExp(`uzima_http_share_waiting\\{work="${work}"\\} (\\d+)`)
  return Number(pattern.exec(text)?.[1])
}

describe('a user who asks for fifty things at once', () => {
  it('has four under way, thirty-two wait, and the rest is told when to come back; others notice nothing', async () => {
    await using world = await lockedItems()
    const { app } = world
    const [loud, quiet] = [await app.addUser('doctor'), await app.addUser('doctor')]
    const refused: Response[] = []
    const asked = Array.from({ length: 50 }, () => {
      const one = ask(app, loud)
      void one.answer.then((response) => {
        if (response?.status === 429) refused.push(response)
      })
      return one
    })

    await expect.poll(world.blocked).toBe(4)
    await expect.poll(() => refused.length).toBeGreaterThanOrEqual(14)
    expect(await world.blocked()).toBe(4)
    const [first] = refused
    expect(Number(first?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await first?.json()).toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      retryAfterMs: expect.any(Number) as number,
    })

    expect((await ask(app, quiet, '/api/auth/me').answer)?.status).toBe(200)
    expect((await ask(app, loud, '/api/events').answer)?.status).toBe(200)
    await app.connect(quiet)
    const login = { username: 'admin', password: 'a password for tests' }
    expect((await app.api(undefined, 'POST', '/api/auth/login', login)).status).toBe(200)

    await world.unlock()
    const statuses = await Promise.all(asked.map(async ({ answer }) => (await answer)?.status))
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(4)
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    expect(await waiting(app, 'others')).toBe(0)
  })

  it('gets no more under way by hanging up, and has his whole share again afterwards', async () => {
    await using world = await lockedItems()
    const { app } = world
    const user = await app.addUser('doctor')
    for (let round = 0; round < 3; round += 1) {
      const asked = Array.from({ length: 8 }, () => ask(app, user))
      await expect.poll(world.blocked).toBe(4)
      await expect.poll(() => waiting(app, 'others')).toBe(round === 0 ? 4 : 8)
      for (const { hangUp } of asked) hangUp()
      await expect.poll(() => waiting(app, 'others')).toBe(0)
    }
    expect(await world.blocked()).toBe(4)

    await world.unlock()
    await expect.poll(world.blocked).toBe(0)
    const asked = Array.from({ length: 12 }, () => ask(app, user))
    for (const { answer } of asked) expect((await answer)?.status).toBe(200)
  })

  it('gets them back, too, where all of them came behind each other on one connection that broke', async () => {
    await using world = await lockedItems()
    const { app } = world
    const user = await app.addUser('doctor')
    using raw = openRaw(app.url)
    const request = `GET /api/inventory/A HTTP/1.1\r\nHost: clinic\r\nAuthorization: Bearer ${user.token}\r\n\r\n`
    raw.write(request.repeat(12))
    await expect.poll(world.blocked).toBe(4)
    await expect.poll(() => waiting(app, 'others')).toBe(8)

    raw.reset()
    await expect.poll(() => waiting(app, 'others')).toBe(0)
    await world.unlock()
    await expect.poll(world.blocked).toBe(0)
    const asked = Array.from({ length: 12 }, () => ask(app, user))
    for (const { answer } of asked) expect((await answer)?.status).toBe(200)
  })

  it('does not hold up the changes of others with pages that never end', async () => {
    await using world = await lockedItems()
    const { app } = world
    const [loud, quiet] = [await app.addUser('doctor'), await app.addUser('doctor')]
    const asked = Array.from({ length: 20 }, () => ask(app, loud, '/api/inventory'))
    await expect.poll(world.blocked).toBe(2)

    expect((await ask(app, quiet, '/api/auth/me').answer)?.status).toBe(200)
    expect((await ask(app, loud, '/api/auth/me').answer)?.status).toBe(200)
    await world.unlock()
    for (const { answer } of asked) expect((await answer)?.status).toBe(200)
  })

  it('changes stock once for each key, however often he was told to come back', async () => {
    await using app = await setupApp()
    await app.database.query(`insert into inventory_items (sku, name) values ('A', 'a')`)
    const user = await app.addUser('inventory_manager')
    const receive = async (key: string): Promise<number> => {
      const body = { lotNumber: 'L', quantity: 1, expiryDate: '2099-01-31' }
      const headers = { 'idempotency-key': key }
      const { status } = await app.api(user.token, 'POST', '/api/inventory/A/lots', body, headers)
      return status === 429 ? receive(key) : status
    }

    const statuses = await Promise.all(
      Array.from({ length: 120 }, (_, index) => receive(`key-${String(index % 60)}`)),
    )

    expect(new Set(statuses)).toEqual(new Set([201]))
    const { body } = await app.api(user.token, 'GET', '/api/inventory/A')
    expect(body['totalQuantity']).toBe(60)
  })
})

describe('log-ins from one place', () => {
  it('come one after the other, and those from elsewhere to the same account between them', async () => {
    await using app = await setupApp({ env: { TRUST_PROXY: '127.0.0.1' } })
    const body = { username: 'admin', password: 'a password for tests' }
    const logIn = async (from: string): Promise<number> =>
      (await app.api(undefined, 'POST', '/api/auth/login', body, { 'x-forwarded-for': from }))
        .status
    const order: string[] = []
    const flood = Array.from({ length: 30 }, async () => {
      const status = await logIn('198.51.100.1')
      order.push('flood')
      return status
    })
    await expect.poll(() => order.length).toBeGreaterThanOrEqual(1)
    expect(await logIn('198.51.100.2')).toBe(200)
    order.push('elsewhere')

    expect(new Set(await Promise.all(flood))).toEqual(new Set([200]))
    expect(order.indexOf('elsewhere')).toBeLessThan(order.length - 1)
  })
})

import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createPostgres } from '../../src/storage/postgres.js'
import { setupApp, type TestApp, type TestClient } from '../support/app.js'
import { createTestDatabase } from '../support/world.js'

interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

const logIn = async (app: TestApp): Promise<Tokens> => {
  const body = { username: 'admin', password: 'a password for tests' }
  const answer = await app.api(undefined, 'POST', '/api/auth/login', body)
  expect(answer.status).toBe(200)
  return answer.body as unknown as Tokens
}

const connected = async (app: TestApp, { accessToken }: Tokens): Promise<TestClient> => {
  const client = app.client(accessToken)
  await expect.poll(() => client.of('connected').length).toBe(1)
  return client
}

/** What a token is refused with at each door; the status where it is let in. */
const verdictsOn = async (app: TestApp, other: TestClient, token: string) => {
  const client = app.client(token, { reconnection: false })
  const handshake = await new Promise((resolve) => {
    client.socket.once('connected', () => {
      resolve('connected')
    })
    client.socket.once('connect_error', (error: Error & { data?: { code?: string } }) => {
      resolve(error.data?.code)
    })
  })
  client.socket.disconnect()
  const refresh: unknown = await other.socket.emitWithAck('auth:refresh', { token })
  const rest = await app.api(token, 'GET', '/api/auth/me')
  return { handshake, refresh, rest: rest.body['code'] ?? rest.status }
}

const REVOKED = {
  handshake: 'AUTH_SESSION_REVOKED',
  refresh: { ok: false, error: { code: 'AUTH_SESSION_REVOKED' } },
  rest: 'AUTH_SESSION_REVOKED',
}

const addItem = `insert into inventory_items (sku, name) values ('AMOX', 'Amoxicillin')`

describe('a session whose row is deleted by plain SQL', () => {
  it('ends in the order of the log, on every node, and its token serves nowhere', async () => {
    const first = await createTestDatabase()
    const second = createPostgres({ url: first.url ?? '', onError: () => undefined })
    const env = { JWT_SECRET: randomBytes(48).toString('base64url') }
    await using one = await setupApp({ database: first, env })
    await using two = await setupApp({ database: second, env })
    const [gone, kept] = [await logIn(one), await logIn(two)]
    const closed = [await connected(one, gone), await connected(two, gone)]
    const open = [await connected(one, kept), await connected(two, kept)]
    const [row] = await first.query<{ id: string }>(
      'select id from sessions order by created_at limit 1',
    )
    await first.transaction(async (tx) => {
      await tx.query('delete from sessions where id = $1', [row?.id ?? ''])
      await tx.query(addItem)
    })

    for (const client of open) {
      await expect.poll(() => client.of('inventory:update').length).toBe(1)
      expect(client.of('session:closing')).toEqual([])
    }
    for (const client of closed) {
      await expect
        .poll(() => client.of('session:closing'))
        .toMatchObject([{ code: 'AUTH_SESSION_REVOKED', retryable: false }])
      expect(client.of('inventory:update')).toEqual([])
    }
    for (const [app, other] of [
      [one, open[0]],
      [two, open[1]],
    ] as const) {
      if (other === undefined) throw new Error('no client')
      expect(await verdictsOn(app, other, gone.accessToken)).toMatchObject(REVOKED)
      expect(await verdictsOn(app, other, kept.accessToken)).toMatchObject({
        handshake: 'connected',
        refresh: { ok: true },
        rest: 200,
      })
    }
    const refreshed = await two.api(undefined, 'POST', '/api/auth/refresh', {
      refreshToken: gone.refreshToken,
    })
    expect(refreshed).toMatchObject({ status: 401, body: { code: 'AUTH_REFRESH_INVALID' } })
  })

  it('goes with all others where the whole table is deleted, and tokens without a session stay', async () => {
    await using app = await setupApp()
    const foreign = await app.connect(await app.addUser('pharmacist'))
    const tokens = [await logIn(app), await logIn(app), await logIn(app)]
    const clients = await Promise.all(tokens.map((pair) => connected(app, pair)))
    await app.database.query('delete from sessions')
    await app.database.query(addItem)

    await expect.poll(() => foreign.of('inventory:update').length).toBe(1)
    for (const client of clients) {
      await expect
        .poll(() => client.of('session:closing'))
        .toMatchObject([{ code: 'AUTH_SESSION_REVOKED' }])
      expect(client.of('inventory:update')).toEqual([])
    }
    expect(foreign.socket.connected).toBe(true)
    const again = await connected(app, await logIn(app))
    expect(again.socket.connected).toBe(true)
  })

  it('is not slipped past by a handshake that is under way', async () => {
    await using app = await setupApp()
    const rounds = Array.from({ length: 8 }, async (_, round) => {
      const { accessToken } = await logIn(app)
      const client = app.client(accessToken)
      const { sid } = JSON.parse(
        Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString(),
      ) as { sid: string }
      await new Promise((resolve) => setTimeout(resolve, round))
      await app.database.query('delete from sessions where id = $1', [sid])
      await expect.poll(() => client.socket.connected || client.socket.active).toBe(false)
    })
    await Promise.all(rounds)
  })
})

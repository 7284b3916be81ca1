import { describe, expect, it } from 'vitest'
import type { Database } from '../../src/storage/database.js'
import { setupApp, type TestApp, type TestUser } from '../support/app.js'
import { createTestDatabase } from '../support/world.js'

/** The same database, whose clock is ahead of this machine's by `aheadMs`: the machine is behind, seen from it. */
const withClock = (database: Database, aheadMs: number): Database => ({
  ...database,
  query: async <Row>(...asked: Parameters<Database['query']>): Promise<Row[]> => {
    const rows = await database.query<Row & { read_at?: Date }>(...asked)
    for (const row of rows) {
      if (row.read_at instanceof Date) row.read_at = new Date(row.read_at.getTime() + aheadMs)
    }
    return rows
  },
})

const AHEAD_MS = 600_000

const setupSkewed = async (aheadMs: number): Promise<TestApp> =>
  setupApp({ database: withClock(await createTestDatabase(), aheadMs) })

/** A token that an issuer with the right time made now, for a minute. */
const tokenAt = (app: TestApp, user: TestUser, nowMs: number): string =>
  app.tokenFor(user.id, { iat: nowMs / 1_000 }, 60)

describe.each([
  ['ten minutes behind', AHEAD_MS],
  ['ten minutes ahead', -AHEAD_MS],
])('a node whose machine is %s', (_, aheadMs) => {
  it('admits with tokens that are valid, and ends the session when they are not', async () => {
    await using app = await setupSkewed(aheadMs)
    const user = await app.addUser('pharmacist')
    const rightNow = Date.now() + aheadMs
    const client = await app.connect({
      ...user,
      token: app.tokenFor(user.id, { iat: rightNow / 1_000 }, 3),
    })

    expect(client.of('connected')).toHaveLength(1)
    await expect
      .poll(() => client.of('session:closing'))
      .toMatchObject([{ code: 'AUTH_TOKEN_EXPIRED' }])
  })

  it('refuses what has expired, by the right time', async () => {
    await using app = await setupSkewed(aheadMs)
    const user = await app.addUser('pharmacist')
    const longAgo = tokenAt(app, user, Date.now() + aheadMs - 300_000)

    const refused = await app.api(longAgo, 'GET', '/api/auth/me')

    expect(refused).toMatchObject({ status: 401, body: { code: 'AUTH_TOKEN_EXPIRED' } })
    const valid = tokenAt(app, user, Date.now() + aheadMs)
    expect((await app.api(valid, 'GET', '/api/auth/me')).status).toBe(200)
  })

  it('dates what it puts on record by the right time', async () => {
    await using app = await setupSkewed(aheadMs)
    const user = await app.addUser('pharmacist')
    const before = Date.now() + aheadMs
    await app.connect({ ...user, token: tokenAt(app, user, before) })

    const read = () =>
      app.database.query<{ at: Date }>(`select at from connection_log where outcome = 'accepted'`)
    await expect.poll(read).toHaveLength(1)
    const [row] = await read()
    // Not by the clock of the machine, which is ten minutes off.
    expect(Math.abs((row?.at.getTime() ?? 0) - before)).toBeLessThan(AHEAD_MS / 2)
  })
})

describe('an issuer whose clock is fast', () => {
  it('has its tokens taken once they are valid, by a stock client that was refused before', async () => {
    await using app = await setupApp({ env: { JWT_CLOCK_TOLERANCE: '1s' } })
    const user = await app.addUser('pharmacist')
    const token = app.tokenFor(user.id, { iat: Date.now() / 1_000 + 4 })
    const refused = await fetch(`${app.url}/api/auth/me`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({
      code: 'AUTH_TOKEN_NOT_YET_VALID',
      retryable: true,
    })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(3)

    const client = app.client(token)
    await expect.poll(() => client.of('connected').length).toBe(1)
    expect((await app.api(token, 'GET', '/api/auth/me')).status).toBe(200)
    const firstAttempt = async () =>
      (await app.database.query('select outcome, code from connection_log order by id limit 1'))[0]
    await expect
      .poll(firstAttempt)
      .toEqual({ outcome: 'refused', code: 'AUTH_TOKEN_NOT_YET_VALID' })
  })

  it('is not counted as somebody who guesses', async () => {
    await using app = await setupApp({ env: { AUTH_FAILURES_PER_MINUTE: '2' } })
    const user = await app.addUser('pharmacist')
    const token = app.tokenFor(user.id, { iat: Date.now() / 1_000 + 3_000 }, 6_000)
    for (let i = 0; i < 6; i += 1) {
      const { body } = await app.api(token, 'GET', '/api/auth/me')
      expect(body['code']).toBe('AUTH_TOKEN_NOT_YET_VALID')
    }
    expect((await app.api(user.token, 'GET', '/api/auth/me')).status).toBe(200)
  })

  it('does not bring back a token that was shown before a revocation', async () => {
    await using app = await setupApp({ env: { JWT_CLOCK_TOLERANCE: '60s' } })
    const user = await app.addUser('pharmacist')
    const token = app.tokenFor(user.id, { iat: Date.now() / 1_000 + 30 })
    const client = await app.connect({ ...user, token })
    await app.database.query(`update users set tokens_not_before = now() where id = $1`, [user.id])

    await expect
      .poll(() => client.of('session:closing'))
      .toMatchObject([{ code: 'AUTH_SESSION_REVOKED' }])
    expect((await app.api(token, 'GET', '/api/auth/me')).body['code']).toBe('AUTH_SESSION_REVOKED')
  })
})

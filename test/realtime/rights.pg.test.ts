import { describe, expect, it } from 'vitest'
import type { Database } from '../../src/storage/database.js'
import { setupApp } from '../support/app.js'
import { expectWithin } from '../support/long.js'
import { createTestDatabase } from '../support/world.js'

const addItem = `insert into inventory_items (sku, name) values ('AMOX', 'Amoxicillin')`

describe('a change of a user by plain SQL', () => {
  it.each([
    ['deactivated', `update users set is_active = false where id = $1`, 'AUTH_USER_INACTIVE'],
    ['deleted', `delete from users where id = $1`, 'AUTH_USER_UNKNOWN'],
    [
      'given a new password',
      `update users set password_hash = 'x' where id = $1`,
      'AUTH_SESSION_REVOKED',
    ],
    ['revoked', `update users set tokens_not_before = now() where id = $1`, 'AUTH_SESSION_REVOKED'],
  ])('closes the sockets of a user who is %s, and keeps him out', async (_, sql, code) => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const other = await app.connect(await app.addUser('pharmacist'))
    const client = await app.connect(user)
    const errors: unknown[] = []
    client.socket.on('connect_error', (error: Error & { data?: unknown }) => {
      errors.push(error.data)
    })
    await app.database.query(sql, [user.id])
    await app.database.query(addItem)

    await expect.poll(() => client.of('session:closing')).toMatchObject([{ code }])
    await expect.poll(() => errors).toMatchObject([{ code, retryable: false }])
    await expect.poll(() => other.of('inventory:update').length).toBe(1)
    expect(client.of('inventory:update')).toEqual([])
  })

  it('moves the socket to the rooms of a new role and leaves it open', async () => {
    await using app = await setupApp({ env: { INVENTORY_UPDATE_ROLES: 'pharmacist' } })
    const user = await app.addUser('doctor')
    const client = await app.connect(user)
    await app.database.query(addItem)
    await app.database.query(`update users set role = 'pharmacist' where id = $1`, [user.id])
    await app.database.query(`update inventory_items set name = 'Amoxicillin 500 mg'`)
    await app.database.query(`update users set role = 'patient' where id = $1`, [user.id])
    await app.database.query(`update inventory_items set name = 'Amoxicillin'`)

    await expect
      .poll(() => client.of('session:role').map(({ role }) => role))
      .toEqual(['pharmacist', 'patient'])
    expect(client.of('inventory:update').map(({ type }) => type)).toEqual(['updated'])
    expect(client.socket.connected).toBe(true)
  })

  it('is not slipped past by a handshake that is under way', async () => {
    await using app = await setupApp()
    const dismissWhileConnecting = async (_: unknown, round: number): Promise<void> => {
      const user = await app.addUser('pharmacist')
      const client = app.client(user.token)
      await new Promise((resolve) => setTimeout(resolve, round))
      await app.database.query('update users set is_active = false where id = $1', [user.id])
      await expect.poll(() => client.socket.connected || client.socket.active).toBe(false)
    }
    await Promise.all(Array.from({ length: 20 }, dismissWhileConnecting))
  })
})

/** The same database, in which the reads of the log wait from `hold` to `letThrough`. */
const holdTheLog = (database: Database) => {
  const state = { isHeld: false, waiting: [] as (() => void)[] }
  const query: Database['query'] = async (sql, params, options) => {
    if (state.isHeld && sql.includes('as head_seq')) {
      await new Promise<void>((resolve) => state.waiting.push(resolve))
    }
    return database.query(sql, params, options)
  }
  return {
    database: { ...database, query },
    /** Resolves when a read waits, so that none is under way. */
    hold: async () => {
      state.isHeld = true
      await expect.poll(() => state.waiting.length).toBeGreaterThan(0)
    },
    letThrough: () => {
      state.isHeld = false
      for (const resolve of state.waiting.splice(0)) resolve()
    },
  }
}

describe('a node that hears late', () => {
  it('closes who was dismissed before it hands out what it missed', async () => {
    const late = holdTheLog(await createTestDatabase())
    await using app = await setupApp({ database: late.database })
    const user = await app.addUser('pharmacist')
    const client = await app.connect(user)
    const other = await app.connect(await app.addUser('pharmacist'))
    await late.hold()
    await app.database.query(addItem)
    await app.database.query(`update users set is_active = false where id = $1`, [user.id])
    late.letThrough()

    await expect.poll(() => other.of('inventory:update').length).toBe(1)
    await expect
      .poll(() => client.of('session:closing'))
      .toMatchObject([{ code: 'AUTH_USER_INACTIVE' }])
    expect(client.of('inventory:update')).toEqual([])
  })

  it('does not take an older change of a user for the end of a session that is newer', async () => {
    const late = holdTheLog(await createTestDatabase())
    await using app = await setupApp({ database: late.database })
    const user = await app.addUser('pharmacist')
    await late.hold()
    await app.database.query(`update users set password_hash = 'x' where id = $1`, [user.id])
    await app.database.query(`update users set password_hash = 'y' where id = $1`, [user.id])
    const client = await app.connect({ ...user, token: app.tokenFor(user.id, { ver: 3 }) })
    late.letThrough()
    await app.database.query(addItem)

    await expect.poll(() => client.of('inventory:update').length).toBe(1)
    expect(client.of('session:closing')).toEqual([])
  })
})

describe('a node that hears late of a deactivation before which no token of the session was made', () => {
  const kinds: [string, () => Record<string, unknown>][] = [
    ['of ours', () => ({ ver: 2 })],
    // Later than the deactivation by less than clocks may be apart.
    ['of another issuer', () => ({ iat: Date.now() / 1_000 + 0.5 })],
  ]
  const setup = async (claims: () => Record<string, unknown>, isActive: boolean) => {
    const late = holdTheLog(await createTestDatabase())
    const app = await setupApp({ database: late.database })
    const user = await app.addUser('pharmacist')
    // From now on this node has the user in memory, as active.
    const first = await app.connect(user)
    first.socket.disconnect()
    await late.hold()
    const set = (to: boolean) =>
      app.database.query('update users set is_active = $2 where id = $1', [user.id, to])
    await set(false)
    await set(true)
    const client = await app.connect({ ...user, token: app.tokenFor(user.id, claims()) })
    if (!isActive) await set(false)
    const errors: unknown[] = []
    client.socket.on('connect_error', (error: Error & { data?: unknown }) => {
      errors.push(error.data)
    })
    return { client, errors, late, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
  }

  it.each(kinds)('has who is active again come back by himself, with a token %s', async (...of) => {
    await using world = await setup(of[1], true)
    const { client, errors } = world
    world.late.letThrough()

    await expect.poll(() => client.of('session:closing').length).toBe(1)
    expect(client.of('session:closing')).toMatchObject([{ code: 'AUTH_STALE', retryable: true }])
    await expect.poll(() => client.of('connected').length).toBe(2)
    expect(errors).toEqual([])
  })

  it.each(kinds)('keeps out who is not, with a token %s', async (...of) => {
    await using world = await setup(of[1], false)
    const { client, errors } = world
    world.late.letThrough()

    await expect.poll(() => client.of('session:closing').length).toBe(1)
    await expect.poll(() => errors.length).toBe(1)
    expect(errors).toMatchObject([{ retryable: false }])
    expect(client.socket.connected).toBe(false)
  })
})

describe('the token of a live session', () => {
  it('ends the session within a second of its expiry, after a warning', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const client = await app.connect({ ...user, token: app.tokenFor(user.id, {}, 3) })
    const expiresAt = Date.parse(String(client.of('connected')[0]?.['sessionExpiresAt']))

    await expect
      .poll(() => client.of('session:closing'))
      .toMatchObject([{ code: 'AUTH_TOKEN_EXPIRED' }])
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt)
    expectWithin(1_000, Date.now() - expiresAt, 'The end of an expired session')
    expect(client.of('auth:expiring')).toHaveLength(1)
  })

  it('is refreshed in band: the socket keeps its id and outlives the first token', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const client = await app.connect({ ...user, token: app.tokenFor(user.id, {}, 3) })
    const { id } = client.socket
    // Whose token is as old, and not refreshed: when it is closed, the time of the first token is over.
    const witness = await app.connect({ ...user, token: app.tokenFor(user.id, {}, 3) })
    const other = await app.addUser('admin')

    expect(await client.socket.emitWithAck('auth:refresh', { token: other.token })).toMatchObject({
      ok: false,
      error: { code: 'AUTH_TOKEN_INVALID' },
    })
    expect(await client.socket.emitWithAck('auth:refresh', { token: user.token })).toMatchObject({
      ok: true,
    })
    await expect.poll(() => witness.of('session:closing').length).toBe(1)
    expect(client.of('session:closing')).toEqual([])
    expect(client.socket).toMatchObject({ id, connected: true })
  })
})

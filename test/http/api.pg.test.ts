import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import {
  attemptsPageSchema,
  connectionsPageSchema,
  loginResultSchema,
  tokenPairSchema,
  userPageSchema,
  userSchema,
} from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp } from '../support/app.js'

const logIn = async (app: TestApp, username = 'admin', password = 'a password for tests') => {
  const { status, body } = await app.api(undefined, 'POST', '/api/auth/login', {
    username,
    password,
  })
  expect(status).toBe(200)
  return loginResultSchema.parse(body)
}

/** Asks for new tokens over a connection of its own, of which nobody reads the answer; `hangUp` cuts it. */
const askAndNeverRead = (app: TestApp, refreshToken: string) => {
  const body = JSON.stringify({ refreshToken })
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1').pause()
  socket.write(
    `POST /api/auth/refresh HTTP/1.1\r\nHost: clinic\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body).toString()}\r\n\r\n${body}`,
  )
  return { hangUp: () => socket.destroy() }
}

describe('logging in over REST', () => {
  it('takes a refresh for a retry where the answer was lost, and makes nothing for who has hung up', async () => {
    await using app = await setupApp()
    const { database } = app
    const refresh = async (refreshToken: string) =>
      tokenPairSchema.parse(
        (await app.api(undefined, 'POST', '/api/auth/refresh', { refreshToken })).body,
      )
    const retries = () => database.query(`select from record_changes where record = 'sessions'`)
    const first = await logIn(app)
    const lost = askAndNeverRead(app, first.refreshToken)
    await expect
      .poll(() => database.query('select from refresh_tokens where used_at is not null'))
      .toHaveLength(1)
    lost.hangUp()
    const second = await refresh(first.refreshToken)
    expect((await app.api(second.accessToken, 'GET', '/api/auth/me')).status).toBe(200)
    expect(await retries()).toHaveLength(1)

    // One that comes to its turn after its caller has given it up, and before the caller's next.
    await database.transaction(async (tx) => {
      await tx.query('select from users for update')
      const late = askAndNeverRead(app, second.refreshToken)
      await expect
        .poll(() =>
          database.query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          ),
        )
        .not.toHaveLength(0)
      late.hangUp()
      // What comes after it on another connection is answered: the server has seen that it is gone.
      await app.api(undefined, 'GET', '/health/live')
    })
    const third = await refresh(second.refreshToken)
    expect(await retries()).toHaveLength(1)
    await refresh(third.refreshToken)
  })

  it('gives tokens that serve, rotate, and end with the session', async () => {
    await using app = await setupApp()
    const first = await logIn(app)
    const me = await app.api(first.accessToken, 'GET', '/api/auth/me')
    expect(userSchema.parse(me.body)).toEqual(first.user)

    const refreshed = await app.api(undefined, 'POST', '/api/auth/refresh', {
      refreshToken: first.refreshToken,
    })
    const second = tokenPairSchema.parse(refreshed.body)
    expect((await app.api(second.accessToken, 'GET', '/api/auth/me')).status).toBe(200)

    expect((await app.api(second.accessToken, 'POST', '/api/auth/logout')).status).toBe(204)
    await expect
      .poll(async () => (await app.api(second.accessToken, 'GET', '/api/auth/me')).body['code'])
      .toBe('AUTH_SESSION_REVOKED')
    const again = await app.api(undefined, 'POST', '/api/auth/refresh', {
      refreshToken: second.refreshToken,
    })
    expect(again).toMatchObject({ status: 401, body: { code: 'AUTH_REFRESH_INVALID' } })
  })

  it('answers a wrong password and an unknown user with the same bytes', async () => {
    await using app = await setupApp()
    const attempt = async (username: string) =>
      app.api(undefined, 'POST', '/api/auth/login', { username, password: 'not this one' })
    const wrong = await attempt('admin')
    expect(wrong).toMatchObject({ status: 401, body: { code: 'AUTH_CREDENTIALS_INVALID' } })
    expect(await attempt('nobody-at-all')).toEqual(wrong)
  })
})

describe('users over REST', () => {
  it('are made, changed, listed, revoked, deleted and erased', async () => {
    await using app = await setupApp()
    const { accessToken: admin } = await logIn(app)
    const made = await app.api(admin, 'POST', '/api/users', {
      username: 'asha',
      email: 'asha@clinic.example',
      role: 'doctor',
      password: 'her own password',
    })
    expect(made.status).toBe(201)
    const asha = userSchema.parse(made.body)
    const { accessToken } = await logIn(app, 'asha', 'her own password')
    const path = `/api/users/${asha.id}`

    const moved = await app.api(admin, 'PATCH', path, { role: 'pharmacist' })
    expect(moved).toMatchObject({ status: 200, body: { role: 'pharmacist' } })
    await expect
      .poll(
        async () =>
          (await app.api(accessToken, 'POST', '/api/inventory/X/consume', { quantity: 1 })).status,
      )
      .toBe(404)
    const { body } = await app.api(admin, 'GET', '/api/users?limit=1')
    expect(userPageSchema.parse(body).users).toHaveLength(1)
    expect(body['nextCursor']).toBeTypeOf('string')

    const revoked = await app.api(admin, 'POST', `${path}/revoke`)
    expect(revoked.status).toBe(200)
    expect(revoked.body['seq']).toBeGreaterThan(0)
    await expect
      .poll(async () => (await app.api(accessToken, 'GET', '/api/auth/me')).body['code'])
      .toBe('AUTH_SESSION_REVOKED')

    const told = await app.api(admin, 'GET', `${path}/data`)
    expect(told).toMatchObject({
      status: 200,
      body: { userId: asha.id, tables: { users: [{ username: 'asha' }] } },
    })
    expect(JSON.stringify(told.body)).not.toMatch(/\$argon2|token_hash/)
    const erase = (body: object) => app.api(admin, 'POST', `${path}/erase`, body)
    expect(await erase({})).toMatchObject({ status: 409, body: { code: 'USER_ACTIVE' } })
    expect((await app.api(admin, 'DELETE', path)).status).toBe(204)
    expect(await erase({ reason: 'asked for it' })).toMatchObject({ status: 200 })
    const kept = await app.api(admin, 'GET', `${path}/data`)
    expect(kept.body['tables']).toHaveProperty('record_changes')
    expect(JSON.stringify(kept.body)).not.toContain('asha')
    expect(await app.api(admin, 'GET', '/api/erasures')).toMatchObject({
      body: { erasures: [{ userId: asha.id, actor: 'admin', reason: 'asked for it' }] },
    })
    expect(await app.api(admin, 'GET', path)).toMatchObject({
      status: 404,
      body: { code: 'USER_NOT_FOUND' },
    })
  })

  it('answers an id that nobody has', async () => {
    await using app = await setupApp()
    const admin = await app.addUser('admin')
    for (const id of ['not-a-uuid', randomUUID(), '%27%20or%201%3D1', '%F0%9F%92%8A']) {
      for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', { isActive: true }]] as const) {
        const { status } = await app.api(admin.token, method, `/api/users/${id}`, body)
        expect(status, `${method} ${id}`).toBe(404)
      }
    }
  })
})

describe('sockets over REST', () => {
  it('are sent to, listed, closed and on record', async () => {
    await using app = await setupApp()
    const { token: admin } = await app.addUser('admin')
    const doctor = await app.addUser('doctor')
    const { socket, of } = await app.connect(doctor)

    const sent = await app.api(admin, 'POST', '/api/messages', {
      to: { userId: doctor.id },
      event: 'notice',
      data: { text: 'Round at 9' },
    })
    expect(sent.status).toBe(202)
    await expect.poll(() => of('notice')).toEqual([{ text: 'Round at 9' }])
    const reserved = { to: { all: true }, event: 'disconnect', data: {} }
    expect(await app.api(admin, 'POST', '/api/messages', reserved)).toMatchObject({
      status: 400,
      body: { code: 'EVENT_NAME_RESERVED' },
    })

    const listed = connectionsPageSchema.parse(
      (await app.api(admin, 'GET', '/api/connections')).body,
    )
    expect(listed.connections).toMatchObject([
      { socketId: socket.id, userId: doctor.id, role: 'doctor' },
    ])
    const path = `/api/connections/${socket.id ?? ''}`
    expect((await app.api(admin, 'DELETE', path)).status).toBe(204)
    await expect
      .poll(async () => (await app.api(admin, 'DELETE', path)).body['code'])
      .toBe('CONNECTION_NOT_FOUND')

    await expect
      .poll(async () => {
        const { body } = await app.api(admin, 'GET', `/api/connection-attempts?userId=${doctor.id}`)
        return attemptsPageSchema.parse(body).attempts.map(({ outcome }) => outcome)
      })
      .toEqual(expect.arrayContaining(['accepted', 'closed']))
  })

  it('end with a revocation, after which the token is refused here too', async () => {
    await using app = await setupApp()
    const { token: admin } = await app.addUser('admin')
    const doctor = await app.addUser('doctor')
    const { socket } = await app.connect(doctor)
    await app.api(admin, 'PATCH', `/api/users/${doctor.id}`, { isActive: false })
    await expect.poll(() => socket.connected).toBe(false)
    expect(await app.api(doctor.token, 'GET', '/api/auth/me')).toMatchObject({
      status: 401,
      body: { code: 'AUTH_USER_INACTIVE' },
    })
  })
})

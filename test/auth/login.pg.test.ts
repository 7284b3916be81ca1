import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createGuessLimit } from '../../src/auth/guess-limit.js'
import { createLogin, type TokenPair } from '../../src/auth/login.js'
import { itPostgresOnly } from '../support/world.js'
import { address, endedInLog, openWorld, password, passwords, STALE } from './login-world.js'

const REFUSED = { code: 'AUTH_CREDENTIALS_INVALID' }

describe('login', () => {
  it('takes name and e-mail address in any case', async () => {
    await using world = await openWorld()
    for (const username of ['Amina', 'AMINA', 'amina@clinic.example', 'AMINA@Clinic.Example']) {
      const result = await world.login({ username, password, address })
      expect(result.user).toEqual(world.user)
      expect(result.expiresIn).toBe(900)
      const claims = await world.verify(result.accessToken)
      expect(claims).toMatchObject({ userId: world.user.id, authVersion: 1 })
      expect(await world.refusalOf(result.accessToken)).toBeUndefined()
    }
  })

  it('prefers the name where it is the address of somebody else', async () => {
    await using world = await openWorld()
    const named = { username: 'amina@clinic.example', email: 'other@clinic.example' } as const
    const other = await world.users.create('test', {
      ...named,
      role: 'patient',
      password: 'other password',
    })
    const result = await world.login({
      username: named.username,
      password: 'other password',
      address,
    })
    expect(result.user.id).toBe(other.id)
  })

  it('refuses everybody else with the same text', async () => {
    await using world = await openWorld()
    const base = { role: 'doctor', password } as const
    const gone = await world.users.create('test', {
      ...base,
      username: 'gone',
      email: 'g@x.example',
    })
    await world.users.update('test', gone.id, { isActive: false })
    await world.users.create('test', { username: 'nopass', email: 'n@x.example', role: 'doctor' })
    const texts = new Set<string>()
    for (const credentials of [
      { username: 'amina', password: 'wrong password' },
      { username: 'nobody', password },
      { username: 'gone', password },
      { username: 'nopass', password },
      { username: '', password },
      { username: 'amina\0', password },
      { username: '\ud800', password },
      { username: "' or 1=1 --", password },
    ]) {
      const refusal = await world
        .login({ ...credentials, address })
        .catch((error: unknown) => error)
      expect(refusal).toMatchObject(REFUSED)
      texts.add(`${String(refusal)} ${JSON.stringify(refusal)}`)
    }
    expect(texts.size).toBe(1)
  })

  it('does the same work to refuse an unknown user as a known one', async () => {
    await using world = await openWorld()
    const work = { queries: 0, verifications: 0 }
    const { login } = createLogin({
      database: {
        ...world.database,
        query: async (sql, params) => {
          work.queries += 1
          return world.database.query(sql, params)
        },
      },
      passwords: {
        ...passwords,
        verify: async (hash, text) => {
          work.verifications += 1
          return passwords.verify(hash, text)
        },
      },
      accessTokens: {
        signAccessToken: () => {
          throw new Error('nobody is let in')
        },
      },
      refreshTokenTtlMs: 1,
      refreshGraceMs: 0,
      guesses: createGuessLimit({ perMinute: 60 }),
    })
    for (const username of ['amina', 'nobody', 'amina\0']) {
      Object.assign(work, { queries: 0, verifications: 0 })
      await expect(login({ username, password: 'wrong password', address })).rejects.toMatchObject(
        REFUSED,
      )
      expect(work).toEqual({ queries: 1, verifications: 1 })
    }
  })

  it('stores no token that could be used', async () => {
    await using world = await openWorld()
    const { refreshToken } = await world.enter()
    const [row] = await world.database.query<{ token_hash: Uint8Array }>(
      'select token_hash from refresh_tokens',
    )
    const hash = createHash('sha256').update(refreshToken).digest('hex')
    expect(Buffer.from(row?.token_hash ?? []).toString('hex')).toBe(hash)
    expect(Buffer.from(refreshToken, 'base64url')).toHaveLength(32)
  })
})

describe('refresh', () => {
  it('gives new tokens of the same session, again and again', async () => {
    await using world = await openWorld()
    const first = await world.enter()
    const { sessionId } = await world.verify(first.accessToken)
    let { refreshToken } = first
    for (let i = 0; i < 3; i += 1) {
      const pair = await world.refresh(refreshToken)
      expect(await world.verify(pair.accessToken)).toMatchObject({ sessionId, authVersion: 1 })
      expect(await world.refusalOf(pair.accessToken)).toBeUndefined()
      refreshToken = pair.refreshToken
    }
  })

  it('keeps the session alive, however long after the log-in it comes', async () => {
    let at = Date.now()
    await using world = await openWorld({ now: () => at })
    let pair: TokenPair = await world.enter()
    for (const laterMs of [0, 1_000, 600_000, 0, 5_000]) {
      at += laterMs
      pair = await world.refresh(pair.refreshToken)
      expect(await world.refusalOf(pair.accessToken)).toBeUndefined()
    }
    expect(await endedInLog(world)).toEqual([])
  })

  it('refuses a token that never was', async () => {
    await using world = await openWorld()
    for (const text of ['', 'x', 'a'.repeat(43), '\0', 'é']) {
      await expect(world.refresh(text)).rejects.toMatchObject(STALE)
    }
  })

  it('refuses an expired token', async () => {
    await using world = await openWorld({ refreshTokenTtlMs: 0 })
    const { refreshToken } = await world.enter()
    await expect(world.refresh(refreshToken)).rejects.toMatchObject(STALE)
  })

  it.each([
    ['deactivated', ['update users set is_active = false']],
    [
      'deactivated and activated again',
      ['update users set is_active = false', 'update users set is_active = true'],
    ],
    ['given another password', [`update users set password_hash = 'x'`]],
    [
      'revoked by a writer whose clock is a day behind',
      [`update users set tokens_not_before = now() - interval '1 day'`],
    ],
    ['deleted', ['delete from users']],
  ])('is over once the user was %s by plain SQL', async (_, statements) => {
    await using world = await openWorld()
    const first = await world.enter()
    const { refreshToken, accessToken } = await world.refresh(first.refreshToken)
    for (const sql of statements) await world.database.query(sql)
    await expect(world.refresh(refreshToken)).rejects.toMatchObject(STALE)
    // Whose answer was lost gets nothing more, either.
    await expect(world.refresh(first.refreshToken)).rejects.toMatchObject(STALE)
    expect(await world.refusalOf(accessToken)).toMatch(/^AUTH_(USER|SESSION)_/)
  })

  itPostgresOnly('needs two connections')(
    'waits for a revocation under way, and login too',
    async () => {
      await using world = await openWorld()
      const { refreshToken } = await world.enter()
      let commit = (): void => undefined
      const held = new Promise<void>((resolve) => (commit = resolve))
      let isLocked = false
      const revocation = world.database.transaction(async (tx) => {
        await tx.query('update users set is_active = false')
        isLocked = true
        await held
      })
      await expect.poll(() => isLocked).toBe(true)
      const outcomes = Promise.allSettled([world.refresh(refreshToken), world.enter()])
      await expect
        .poll(
          async () => (await world.database.query(`select from pg_locks where not granted`)).length,
        )
        .toBeGreaterThanOrEqual(2)
      commit()
      await revocation
      expect(await outcomes).toMatchObject([
        { status: 'rejected', reason: STALE },
        { status: 'rejected', reason: REFUSED },
      ])
    },
  )
})

describe('logout', () => {
  it('ends the session of the token and no other', async () => {
    await using world = await openWorld()
    const [mine, other] = [await world.enter(), await world.enter()]
    await world.logout(await world.verify(mine.accessToken))
    expect(await world.refusalOf(mine.accessToken)).toBe('AUTH_SESSION_REVOKED')
    await expect(world.refresh(mine.refreshToken)).rejects.toMatchObject(STALE)
    expect(await world.refusalOf(other.accessToken)).toBeUndefined()
    expect(await endedInLog(world)).toHaveLength(1)
  })

  it("ends the session of the refresh token too, where it is the same user's", async () => {
    await using world = await openWorld()
    await world.users.create('test', {
      username: 'ben',
      email: 'b@x.example',
      role: 'patient',
      password,
    })
    const [mine, older] = [await world.enter(), await world.enter()]
    const bens = await world.login({ username: 'ben', password, address })
    const claims = await world.verify(mine.accessToken)
    await world.logout(claims, bens.refreshToken)
    expect(await world.refusalOf(bens.accessToken)).toBeUndefined()
    await world.logout(claims, older.refreshToken)
    expect(await world.refusalOf(older.accessToken)).toBe('AUTH_SESSION_REVOKED')
  })

  it('may be repeated, and does nothing for a token of another issuer', async () => {
    await using world = await openWorld()
    const mine = await world.enter()
    const claims = await world.verify(mine.accessToken)
    await world.logout(claims)
    await world.logout(claims, 'no such token')
    for (const sessionId of [undefined, 'not a uuid', world.user.id]) {
      const foreign = { userId: world.user.id, expiresAt: claims.expiresAt }
      await world.logout(sessionId === undefined ? foreign : { ...foreign, sessionId })
    }
    await world.logout({ userId: 'auth0|1', expiresAt: claims.expiresAt })
    expect(await endedInLog(world)).toHaveLength(1)
  })
})

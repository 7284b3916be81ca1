import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuessLimit } from '../../src/auth/guess-limit.js'
import { createLogin } from '../../src/auth/login.js'
import { issueRefreshToken } from '../../src/auth/refresh-tokens.js'
import { insertSession } from '../../src/auth/sessions.js'
import { times } from '../support/long.js'
import { address, endedInLog, openWorld, passwords, STALE } from './login-world.js'
import { show, step, type Model, type Step } from './refresh-model.js'

type World = Awaited<ReturnType<typeof openWorld>>

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** A session of the one user, without the work of a password. */
const begin = async (): Promise<{ readonly sessionId: string; readonly refreshToken: string }> => {
  const { database, user } = world
  const [row] = await database.query<{ id: string; auth_version: number }>(
    'select gen_random_uuid() as id, auth_version from users where id = $1',
    [user.id],
  )
  const { id: sessionId = '', auth_version: authVersion = 0 } = row ?? {}
  const session = { id: sessionId, userId: user.id, authVersion, accessExpiresAt: Date.now() }
  await insertSession(database, session)
  return {
    sessionId,
    refreshToken: await issueRefreshToken(database, { sessionId, ttlMs: 604_800_000 }),
  }
}

const waitOutTheGrace = (sessionId: string): Promise<unknown> =>
  world.database.query(
    `update refresh_tokens set used_at = used_at - interval '11 minutes' where session_id = $1`,
    [sessionId],
  )

const onRecord = (sessionId: string): Promise<Readonly<Record<string, unknown>>[]> =>
  world.database.query(
    `select after ->> 'refresh_token' as what, actor, reason from record_changes
     where record = 'sessions' and key = $1 order by id`,
    [sessionId],
  )

/** The tokens of `among` that were never shown and are not void. */
const freshOf = async (sessionId: string, among: readonly string[]): Promise<string[]> => {
  const rows = await world.database.query<{ hash: string }>(
    `select encode(token_hash, 'hex') as hash from refresh_tokens
     where session_id = $1 and used_at is null`,
    [sessionId],
  )
  const hashes = new Set(rows.map(({ hash }) => hash))
  const fresh = among.filter((token) =>
    hashes.has(createHash('sha256').update(token).digest('hex')),
  )
  expect(fresh).toHaveLength(hashes.size)
  return fresh
}

describe('a refresh token that comes again', () => {
  it('is answered anew while what was given for it was not shown, as often as the answer is lost', async () => {
    const { sessionId, refreshToken } = await begin()
    await world.refresh(refreshToken)
    await world.refresh(refreshToken)
    const { refreshToken: next } = await world.refresh(refreshToken)
    const after = await world.refresh(next)
    expect(await world.refusalOf(after.accessToken)).toBeUndefined()
    const retried = { what: 'retried', actor: 'Amina', reason: `refreshed from ${address}` }
    expect(await onRecord(sessionId)).toEqual([retried, retried])
  })

  it('ends the whole session once what was given for it was shown, and log and record say so', async () => {
    const { sessionId, refreshToken } = await begin()
    const next = await world.refresh(refreshToken)
    const last = await world.refresh(next.refreshToken)
    await expect(world.refresh(refreshToken)).rejects.toMatchObject(STALE)
    await expect(world.refresh(last.refreshToken)).rejects.toMatchObject(STALE)
    for (const { accessToken } of [next, last]) {
      expect(await world.refusalOf(accessToken)).toBe('AUTH_SESSION_REVOKED')
    }
    const told = { sessionId, userId: world.user.id, actor: 'Amina' }
    expect(await endedInLog(world)).toContainEqual(told)
    expect(await onRecord(sessionId)).toMatchObject([{ what: 'reused', actor: 'Amina' }])
  })

  it('makes what was given for it before void: whoever shows that is one too many', async () => {
    const { sessionId, refreshToken } = await begin()
    const first = await world.refresh(refreshToken)
    const second = await world.refresh(refreshToken)
    await expect(world.refresh(first.refreshToken)).rejects.toMatchObject(STALE)
    await expect(world.refresh(second.refreshToken)).rejects.toMatchObject(STALE)
    expect(await onRecord(sessionId)).toMatchObject([{ what: 'retried' }, { what: 'reused' }])
  })

  it('ends the session where it comes later than the grace', async () => {
    const { sessionId, refreshToken } = await begin()
    const { accessToken } = await world.refresh(refreshToken)
    await waitOutTheGrace(sessionId)
    await expect(world.refresh(refreshToken)).rejects.toMatchObject(STALE)
    expect(await world.refusalOf(accessToken)).toBe('AUTH_SESSION_REVOKED')
  })

  it('is no retry where that is switched off', async () => {
    const strict = createLogin({
      database: world.database,
      passwords,
      accessTokens: { signAccessToken: world.signAccessToken },
      refreshTokenTtlMs: 604_800_000,
      refreshGraceMs: 0,
      guesses: createGuessLimit({ perMinute: 60 }),
    })
    const { refreshToken } = await begin()
    await strict.refresh({ refreshToken, address })
    await expect(strict.refresh({ refreshToken, address })).rejects.toMatchObject(STALE)
  })

  it('leaves one successor where it comes many times at once', async () => {
    const { sessionId, refreshToken } = await begin()
    const pairs = await Promise.all(Array.from({ length: 8 }, () => world.refresh(refreshToken)))
    const tokens = pairs.map((pair) => pair.refreshToken)
    const [fresh, ...more] = await freshOf(sessionId, tokens)
    expect(more).toEqual([])
    await world.refresh(fresh ?? '')
  })

  it('is decided one after the other with what was given for it, and no one waits for ever', async () => {
    for (let round = 0; round < times(4, 40); round += 1) {
      const { refreshToken } = await begin()
      const { refreshToken: next } = await world.refresh(refreshToken)
      // Whichever comes first, the other one is a theft.
      const outcomes = await Promise.allSettled([world.refresh(refreshToken), world.refresh(next)])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(STALE)
      }
    }
  })

  it('does, whatever is used, retried, lost and stolen, what the model does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14, size: 'max' }), followModel),
      { numRuns: times(20, 400) },
    )
  })
})

const followModel = async (steps: readonly Step[]): Promise<void> => {
  const { sessionId, refreshToken } = await begin()
  const model: Model = { isOver: false, fresh: refreshToken, before: undefined, retried: 0 }
  const issued = [refreshToken]
  const stolen: string[] = []
  let owners = refreshToken

  /** Shows it as often at once as asked; resolves to a token that was given for it and is fresh, if there is one. */
  const present = async (token: string, atOnce: number): Promise<string | undefined> => {
    const answers = await Promise.allSettled(
      Array.from({ length: atOnce }, () => world.refresh(token)),
    )
    const given = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value.refreshToken] : [],
    )
    issued.push(...given)
    const [fresh] = await freshOf(sessionId, issued)
    for (let i = 0; i < atOnce; i += 1) {
      const accept = show(model, token)
      expect(given.length > i).toBe(accept !== undefined)
      accept?.(fresh ?? '')
    }
    return given.includes(fresh ?? '') ? fresh : undefined
  }

  for (const taken of steps) {
    if (taken.kind === 'owner') {
      const given = await present(owners, taken.times)
      if (given !== undefined && !taken.isLost) owners = given
    } else if (taken.kind === 'steal') {
      stolen.push(owners)
    } else if (taken.kind === 'thief') {
      const token = stolen.at(taken.isOlder && stolen.length > 1 ? -2 : -1)
      const given = token === undefined ? undefined : await present(token, 1)
      if (given !== undefined && !taken.isLost) stolen.push(given)
    } else if (taken.kind === 'wait') {
      await waitOutTheGrace(sessionId)
      model.before = undefined
    } else {
      await world.users.revoke('test', world.user.id)
      model.isOver = true
    }
    if (!model.isOver) expect(await freshOf(sessionId, issued)).toEqual([model.fresh])
  }
  const retries = (await onRecord(sessionId)).filter(({ what }) => what === 'retried')
  expect(retries).toHaveLength(model.retried)
}

import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deleteExpiredSessions } from '../../src/auth/sessions.js'
import { endedInLog, openWorld, STALE } from './login-world.js'

describe('the rows of sessions, for whoever writes SQL', () => {
  it('end their session when they are deleted, with an entry of the log for each', async () => {
    await using world = await openWorld()
    const [one, two, over] = [await world.enter(), await world.enter(), await world.enter()]
    const ids: string[] = []
    for (const { accessToken } of [one, two]) {
      ids.push((await world.verify(accessToken)).sessionId ?? '')
    }
    await world.logout(await world.verify(over.accessToken))
    await world.database.query('delete from sessions where id = $1', [ids[0] ?? ''])
    expect(await world.refusalOf(one.accessToken)).toBe('AUTH_SESSION_REVOKED')
    expect(await world.refusalOf(two.accessToken)).toBeUndefined()
    await world.database.query('delete from sessions')

    expect(await world.refusalOf(two.accessToken)).toBe('AUTH_SESSION_REVOKED')
    for (const { refreshToken } of [one, two]) {
      await expect(world.refresh(refreshToken)).rejects.toMatchObject(STALE)
    }
    const told = await endedInLog(world)
    expect(told.map(({ sessionId }) => sessionId).slice(1)).toEqual(ids)
    const proofs = await world.database.query('select ended from revocations order by seq')
    expect(proofs).toHaveLength(3)
  })

  it('are not told of one by one where their user goes, whose end is told', async () => {
    await using world = await openWorld()
    const { accessToken } = await world.enter()
    await world.database.query('delete from users')
    expect(await world.refusalOf(accessToken)).toBe('AUTH_USER_UNKNOWN')
    expect(await endedInLog(world)).toEqual([])
  })

  it('are of one user: a token that names the session of another is refused', async () => {
    await using world = await openWorld()
    const { accessToken } = await world.enter()
    const { sessionId = '' } = await world.verify(accessToken)
    const ben = await world.users.create('test', { username: 'b', email: 'b@x.y', role: 'doctor' })
    for (const subject of [
      { userId: ben.id, sessionId },
      { userId: world.user.id, sessionId: sessionId.toUpperCase() },
      { userId: world.user.id, sessionId: 'not a uuid' },
      { userId: world.user.id, sessionId: randomUUID() },
    ]) {
      const { token } = world.signAccessToken({ ...subject, authVersion: 1 })
      expect(await world.refusalOf(token)).toBe('AUTH_SESSION_REVOKED')
    }
  })

  it.each([
    [
      'moved to another user',
      'update sessions set user_id = (select id from users where email = $1)',
    ],
    ['given another id', 'update sessions set id = gen_random_uuid() where $1::text is not null'],
    [
      'taken for newer than a revocation',
      'update sessions set auth_version = 9 where $1::text is not null',
    ],
    ['shortened', 'update sessions set access_expires_at = now() where $1::text is not null'],
    ['emptied', 'truncate sessions cascade'],
  ])('are not %s', async (_, sql) => {
    await using world = await openWorld()
    await world.users.create('test', { username: 'b', email: 'b@x.y', role: 'doctor' })
    const { accessToken } = await world.enter()
    const isTruncate = sql.startsWith('truncate')
    await expect(world.database.query(sql, isTruncate ? [] : ['b@x.y'])).rejects.toThrow(
      /^(A session keeps|A token that is signed|TRUNCATE of sessions)/,
    )
    expect(await world.refusalOf(accessToken)).toBeUndefined()
  })

  it('stay ended once they are, at the time when they did', async () => {
    await using world = await openWorld()
    const { accessToken } = await world.enter()
    await world.database.query(`update sessions set ended_at = now() + interval '1 day'`)
    const [row] = await world.database.query<{ past: boolean }>(
      'select ended_at <= clock_timestamp() as past from sessions',
    )
    expect(row?.past).toBe(true)
    expect(await world.refusalOf(accessToken)).toBe('AUTH_SESSION_REVOKED')
    for (const change of ['ended_at = null', `access_expires_at = now() + interval '1 day'`]) {
      await expect(world.database.query(`update sessions set ${change}`)).rejects.toThrow(
        'A session that has ended stays ended.',
      )
    }
  })

  it('keep their refresh tokens, of which a used one stays used', async () => {
    await using world = await openWorld()
    const [one, other] = [await world.enter(), await world.enter()]
    await world.refresh(one.refreshToken)
    for (const change of [
      'used_at = null',
      `session_id = (select session_id from refresh_tokens where used_at is null limit 1)`,
      `token_hash = '\\x00'`,
    ]) {
      await expect(
        world.database.query(`update refresh_tokens set ${change} where used_at is not null`),
      ).rejects.toThrow('A refresh token keeps its session')
    }
    await world.database.query('truncate refresh_tokens')
    await expect(world.refresh(other.refreshToken)).rejects.toMatchObject(STALE)
    expect(await world.refusalOf(other.accessToken)).toBeUndefined()
  })
})

describe('deleteExpiredSessions', () => {
  it('deletes what no token belongs to any more, and nothing else', async () => {
    const clock = { aheadMs: -7_200_000 }
    await using world = await openWorld({ now: () => Date.now() + clock.aheadMs })
    const { database } = world
    const [live, idle, ended] = [await world.enter(), await world.enter(), await world.enter()]
    await world.logout(await world.verify(ended.accessToken))
    clock.aheadMs = 0
    const young = await world.enter()
    await world.logout(await world.verify(young.accessToken))
    const before = await endedInLog(world)
    expect(await deleteExpiredSessions(database)).toBe(1)
    clock.aheadMs = -7_200_000
    const { sessionId = '' } = await world.verify(idle.accessToken)
    await database.query(
      `update refresh_tokens set expires_at = now() - interval '1 second' where session_id = $1`,
      [sessionId],
    )
    expect(await deleteExpiredSessions(database)).toBe(1)
    await expect(world.refresh(idle.refreshToken)).rejects.toMatchObject(STALE)
    await expect(world.refresh(live.refreshToken)).resolves.toBeDefined()
    expect(await endedInLog(world)).toEqual(before)
  })
})

import { describe, expect, it } from 'vitest'
import { createPasswords } from '../../src/auth/passwords.js'
import { createFindUser } from '../../src/users/find-user.js'
import { createGrants } from '../../src/users/grants.js'
import { createUsers } from '../../src/users/users.js'
import { setClock } from '../inventory/test-clock.js'
import { createTestDatabase } from '../support/world.js'

const NOBODY = '00000000-0000-4000-8000-000000000000'
const at = (time: string): string => `2027-05-01T${time}:00.000Z`

const openWorld = async () => {
  const database = await createTestDatabase()
  await setClock(database, at('12:00'))
  const users = createUsers({ database, passwords: createPasswords({ concurrency: 4 }) })
  const ana = await users.create('t', { username: 'ana', email: 'a@x.org', role: 'doctor' })
  return {
    ...createGrants(database),
    database,
    users,
    ana,
    roles: async () => (await createFindUser(database)({ userId: ana.id }))?.roles,
    [Symbol.asyncDispose]: database[Symbol.asyncDispose],
  }
}

describe('createGrants', () => {
  it('gives a role at once or later, tells what there is, page by page, and ends it', async () => {
    await using world = await openWorld()
    const { ana } = world
    const now = await world.create('grace', ana.id, {
      role: 'pharmacist',
      validUntil: at('20:00'),
      reason: ' night shift ',
    })
    expect(now).toMatchObject({
      userId: ana.id,
      role: 'pharmacist',
      state: 'active',
      validFrom: at('12:00'),
      validUntil: at('20:00'),
      reason: 'night shift',
      grantedBy: 'grace',
      beganSeq: 2,
      endedSeq: null,
    })
    expect(await world.roles()).toEqual(['doctor', 'pharmacist'])
    const later = await world.create('grace', ana.id, {
      role: 'educator',
      validFrom: at('18:00'),
      validUntil: at('19:00'),
      reason: 'a talk',
    })
    expect(later).toMatchObject({ state: 'coming', beganSeq: null })

    const first = await world.list(ana.id, { limit: 1 })
    expect(first.grants).toEqual([later])
    expect(await world.list(ana.id, { limit: 1, cursor: first.nextCursor ?? '' })).toEqual({
      grants: [now],
      nextCursor: null,
    })

    await setClock(world.database, at('18:30'))
    expect(await world.revoke('grace', now.id)).toMatchObject({
      state: 'revoked',
      revokedAt: at('18:30'),
      revokedBy: 'grace',
      endedSeq: 4,
    })
    expect(await world.roles()).toEqual(['doctor', 'educator'])
    await setClock(world.database, at('19:00'))
    await world.users.update('t', ana.id, { email: 'b@x.org' })
    expect(await world.revoke('grace', later.id)).toMatchObject({ state: 'ended', revokedAt: null })
    expect(await world.roles()).toEqual(['doctor'])
  })

  it('refuses times that cannot be, and who or what is not there', async () => {
    await using world = await openWorld()
    const { ana } = world
    const grant = { role: 'pharmacist', reason: 'x' } as const
    for (const times of [
      { validUntil: at('12:00') },
      { validFrom: at('14:00'), validUntil: at('13:00') },
      { validUntil: '2029-01-01T00:00:00.000Z' },
    ]) {
      await expect(world.create('t', ana.id, { ...grant, ...times })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
        details: { errors: [{ path: 'validUntil' }] },
      })
    }
    const missing = { code: 'USER_NOT_FOUND' }
    for (const id of [NOBODY, 'x']) {
      const given = world.create('t', id, { ...grant, validUntil: at('13:00') })
      await expect(given).rejects.toMatchObject(missing)
      await expect(world.list(id, { limit: 1 })).rejects.toMatchObject(missing)
      await expect(world.revoke('t', id)).rejects.toMatchObject({ code: 'GRANT_NOT_FOUND' })
    }
    await expect(world.list(ana.id, { limit: 1, cursor: 'x' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    })
    expect(await world.list(ana.id, { limit: 1 })).toEqual({ grants: [], nextCursor: null })
  })

  it('is no administrator beside whom the last one may go', async () => {
    await using world = await openWorld()
    const { ana, users } = world
    const boss = await users.create('t', { username: 'b', email: 'b@x.org', role: 'admin' })
    await world.create('t', ana.id, { role: 'admin', validUntil: at('20:00'), reason: 'holiday' })
    expect(await world.roles()).toEqual(['admin', 'doctor'])
    const last = { code: 'USER_LAST_ADMIN' }
    await expect(users.update('t', boss.id, { role: 'doctor' })).rejects.toMatchObject(last)
    await expect(users.remove('t', boss.id)).rejects.toMatchObject(last)
  })
})

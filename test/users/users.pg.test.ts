import { describe, expect, it } from 'vitest'
import { createPasswords } from '../../src/auth/passwords.js'
import { createFindUser, createFindUsers } from '../../src/users/find-user.js'
import { ensureFirstAdmin } from '../../src/users/first-admin.js'
import { createUsers } from '../../src/users/users.js'
import { createTestDatabase } from '../support/world.js'

const passwords = createPasswords({ concurrency: 4 })
const NOBODY = '00000000-0000-4000-8000-000000000000'

const openWorld = async () => {
  const database = await createTestDatabase()
  return {
    database,
    ...createUsers({ database, passwords }),
    findUser: createFindUser(database),
    admin: (name: string) =>
      ({ username: name, email: `${name}@x.example`, role: 'admin' }) as const,
    log: () =>
      database.query<{ seq: number; payload: Record<string, unknown> }>(
        'select seq, payload from event_log order by seq',
      ),
    [Symbol.asyncDispose]: database[Symbol.asyncDispose],
  }
}

describe('createUsers', () => {
  it('makes a user, finds it again and names the maker in the log', async () => {
    await using world = await openWorld()
    const user = await world.create('grace', {
      ...world.admin('amina'),
      role: 'doctor',
      password: 'a pass phrase',
    })
    expect(user).toMatchObject({ username: 'amina', role: 'doctor', isActive: true })
    expect(user).not.toHaveProperty('password_hash')
    expect(await world.get(user.id)).toEqual(user)
    expect(await world.log()).toMatchObject([{ payload: { userId: user.id, actor: 'grace' } }])
  })

  it('refuses a name or address that is taken, in any case', async () => {
    await using world = await openWorld()
    await world.create('t', world.admin('amina'))
    const code = 'USER_EXISTS'
    for (const taken of [
      { username: 'AMINA', email: 'new@x.example' },
      { username: 'new', email: 'Amina@X.example' },
    ]) {
      await expect(world.create('t', { ...taken, role: 'doctor' })).rejects.toMatchObject({ code })
    }
    const other = await world.create('t', world.admin('other'))
    const { email } = world.admin('AMINA')
    await expect(world.update('t', other.id, { email })).rejects.toMatchObject({ code })
  })

  it('finds nobody by what is no id', async () => {
    await using world = await openWorld()
    const { id: known } = await world.create('t', world.admin('amina'))
    const missing = { code: 'USER_NOT_FOUND' }
    for (const id of [NOBODY, 'x', '', "' or 1=1", '\0', known.toUpperCase(), ` ${known}`]) {
      await expect(world.get(id)).rejects.toMatchObject(missing)
      await expect(world.update('t', id, { role: 'admin' })).rejects.toMatchObject(missing)
      await expect(world.remove('t', id)).rejects.toMatchObject(missing)
      await expect(world.revoke('t', id)).rejects.toMatchObject(missing)
      expect(await world.findUser({ userId: id })).toBeUndefined()
    }
  })

  it('finds those of many ids that are ids of users, whatever the others are', async () => {
    await using world = await openWorld()
    const { id } = await world.create('t', world.admin('amina'))
    const { id: other } = await world.create('t', world.admin('brian'))
    const ids = ['x', id, '\0', id, other.toUpperCase(), NOBODY]
    const found = await createFindUsers(world.database)(ids.map((userId) => ({ userId })))
    expect([...found]).toEqual([[id, await world.findUser({ userId: id })]])
    expect(found.get(id)).toMatchObject({ username: 'amina', liveSessionIds: [] })
  })

  it('pages through all users once, by name', async () => {
    await using world = await openWorld()
    for (const name of ['dora', 'Ben', 'amina', 'Zoë', 'carl'])
      await world.create('t', world.admin(name))
    const names: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await world.list({ limit: 2, ...(cursor == null ? {} : { cursor }) })
      expect(page.users.length).toBeLessThanOrEqual(2)
      names.push(...page.users.map(({ username }) => username))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(names).toEqual(['amina', 'Ben', 'carl', 'dora', 'Zoë'])
  })

  it('refuses a cursor that is not its own', async () => {
    await using world = await openWorld()
    for (const cursor of ['', '=', 'a b', btoa('["users","a\\u0000"]')]) {
      await expect(world.list({ limit: 2, cursor })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      })
    }
  })

  it('changes only what is named', async () => {
    await using world = await openWorld()
    await world.create('t', world.admin('root'))
    const user = await world.create('t', world.admin('amina'))
    expect(await world.update('t', user.id, { role: 'doctor' })).toEqual({
      ...user,
      role: 'doctor',
    })
    expect(await world.update('t', user.id, { isActive: false })).toMatchObject({
      role: 'doctor',
      isActive: false,
    })
    expect(await world.update('t', user.id, { email: 'a@y.example' })).toMatchObject({
      email: 'a@y.example',
    })
  })

  it('ends sessions with a new password or a deactivation, not with a new role', async () => {
    await using world = await openWorld()
    await world.create('t', world.admin('root'))
    const { id } = await world.create('t', world.admin('amina'))
    const version = async () => (await world.findUser({ userId: id }))?.authVersion
    await world.update('t', id, { role: 'doctor', email: 'a@y.example' })
    expect(await version()).toBe(1)
    await world.update('t', id, { password: 'another phrase' })
    expect(await version()).toBe(2)
    await world.update('t', id, { isActive: false })
    expect(await version()).toBe(3)
  })

  it('answers a revocation with the number that the log gives it', async () => {
    await using world = await openWorld()
    const users = await Promise.all(
      ['a1', 'b2', 'c3', 'd4'].map((name) => world.create('t', world.admin(name))),
    )
    const revoked = await Promise.all(
      [...users, ...users].map(async ({ id }) => ({ id, ...(await world.revoke('boss', id)) })),
    )
    const log = await world.log()
    expect(new Set(revoked.map(({ seq }) => seq)).size).toBe(8)
    for (const { id, seq } of revoked) {
      const entry = log.find((candidate) => candidate.seq === seq)
      expect(entry?.payload).toMatchObject({ userId: id, actor: 'boss' })
    }
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1))
    const found = await world.findUser({ userId: users[0]?.id ?? '' })
    expect(found?.authVersion).toBe(3)
    expect(found?.tokensNotBefore).toBeGreaterThan(Date.now() - 60_000)
  })
})

describe('the last active administrator', () => {
  it.each([{ role: 'doctor' }, { isActive: false }] as const)(
    'cannot be changed: %j',
    async (changes) => {
      await using world = await openWorld()
      const [one, two] = [
        await world.create('t', world.admin('one')),
        await world.create('t', world.admin('two')),
      ]
      await world.update('t', two.id, changes)
      const last = { code: 'USER_LAST_ADMIN' }
      await expect(world.update('t', one.id, changes)).rejects.toMatchObject(last)
      await expect(world.remove('t', one.id)).rejects.toMatchObject(last)
      expect(await world.get(one.id)).toEqual(one)
      await world.update('t', one.id, { role: 'admin', email: 'still@x.example' })
      await world.remove('t', two.id)
      await expect(world.get(two.id)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' })
    },
  )

  it('is left by any number of requests at once', async () => {
    await using world = await openWorld()
    const admins = await Promise.all(
      Array.from({ length: 6 }, (_, i) => world.create('t', world.admin(`admin${i}`))),
    )
    const outcomes = await Promise.allSettled(
      admins.map(({ id }, i) =>
        i % 2 === 0 ? world.remove('t', id) : world.update('t', id, { role: 'patient' }),
      ),
    )
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    expect(refused).toMatchObject([{ reason: { code: 'USER_LAST_ADMIN' } }])
    const left = await world.database.query(
      `select id from users where role = 'admin' and is_active`,
    )
    expect(left).toHaveLength(1)
  })
})

describe('ensureFirstAdmin', () => {
  it('makes one administrator, however many processes start at once', async () => {
    await using world = await openWorld()
    const options = { username: 'admin', passwords }
    const hash = await passwords.hash('stands for all of them')
    let starters = 0
    let go = (): void => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    // All have seen the empty table before any of them writes.
    const together = async (): Promise<string> => {
      starters += 1
      if (starters === 20) go()
      await gate
      return hash
    }
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        ensureFirstAdmin(world.database, { username: `admin${i}`, passwords: { hash: together } }),
      ),
    )
    const generated = results.filter((password) => password !== undefined)
    expect(generated).toHaveLength(1)
    const rows = await world.database.query<{ role: string }>('select role from users')
    expect(rows).toEqual([{ role: 'admin' }])
    expect(await ensureFirstAdmin(world.database, options)).toBeUndefined()
  })

  it('generates a password that serves', async () => {
    await using world = await openWorld()
    const generated = await ensureFirstAdmin(world.database, { username: 'admin', passwords })
    const [row] = await world.database.query<{ password_hash: string }>(
      'select password_hash from users',
    )
    expect(await passwords.verify(row?.password_hash ?? null, generated ?? '')).toBe(true)
  })

  it('takes the configured password and generates none', async () => {
    await using world = await openWorld()
    const options = { username: 'root', password: 'configured phrase', passwords }
    expect(await ensureFirstAdmin(world.database, options)).toBeUndefined()
    const [row] = await world.database.query<{ password_hash: string }>(
      'select password_hash from users',
    )
    expect(await passwords.verify(row?.password_hash ?? null, 'configured phrase')).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import type { AuthUser } from '../../src/auth/authorize.js'
import { createUserDirectory } from '../../src/auth/user-directory.js'
import type { LogEntry } from '../../src/log/event-log.js'

const user = (id: string, overrides: Partial<AuthUser> = {}): AuthUser => ({
  id,
  username: id,
  role: 'pharmacist',
  isActive: true,
  authVersion: 1,
  tokensNotBefore: null,
  endedSessionIds: [],
  ...overrides,
})

const changeOf = (userId: string): LogEntry => ({
  seq: 1,
  name: 'user:changed',
  audience: `user:${userId}`,
  payload: { userId },
  at: new Date(),
})

/** A store whose answers the test gives, one by one. */
const setupDirectory = (options: { readonly lookUpTimeoutMs?: number } = {}) => {
  const asked: {
    readonly userIds: readonly string[]
    readonly answer: (...found: readonly AuthUser[]) => void
  }[] = []
  const state = { isFresh: true }
  const directory = createUserDirectory({
    isFresh: () => state.isFresh,
    findUsers: (userIds) =>
      new Promise((resolve) =>
        asked.push({
          userIds,
          answer: (...found) => {
            resolve(new Map(found.map((one) => [one.id, one])))
          },
        }),
      ),
    ...options,
  })
  return { directory, asked, state }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the user directory', () => {
  it('asks once for a user, however many ask at once and afterwards', async () => {
    const { directory, asked } = setupDirectory()
    const both = Promise.all([directory.get('amina'), directory.get('amina')])
    await settle()
    asked[0]?.answer(user('amina'))
    const [first, second] = await both

    expect(first).toBe(second)
    expect(await directory.get('amina')).toBe(first)
    expect(asked.length).toBe(1)
  })

  it('forgets a user whom the log changes', async () => {
    const { directory, asked } = setupDirectory()
    const first = directory.get('amina')
    await settle()
    asked[0]?.answer(user('amina'))
    const found = await first
    if (found === undefined) throw new Error('not found')
    expect(directory.isCurrent(found)).toBe(true)
    directory.onEntries([changeOf('amina')])

    expect(directory.isCurrent(found)).toBe(false)
    void directory.get('amina')
    await settle()
    expect(asked.length).toBe(2)
  })

  it('does a look-up again that a change has overtaken', async () => {
    const { directory, asked } = setupDirectory()
    const result = directory.get('amina')
    await settle()
    directory.onEntries([changeOf('amina')])
    asked[0]?.answer(user('amina'))
    await settle()
    asked[1]?.answer(user('amina', { isActive: false }))

    expect(await result).toMatchObject({ isActive: false })
  })

  it('does a look-up again that a reset has overtaken', async () => {
    const { directory, asked } = setupDirectory()
    const result = directory.get('amina')
    await settle()
    directory.onReset()
    asked[0]?.answer(user('amina'))
    await settle()
    asked[1]?.answer()

    expect(await result).toBeUndefined()
  })

  it('answers nobody while the log cannot be confirmed, not even from memory', async () => {
    const { directory, asked, state } = setupDirectory()
    const first = directory.get('amina')
    await settle()
    asked[0]?.answer(user('amina'))
    await first
    state.isFresh = false

    await expect(directory.get('amina')).rejects.toMatchObject({
      code: 'AUTH_STALE',
      message: 'Authorization cannot be confirmed',
    })
  })

  it('gives up a look-up that does not settle, and asks anew the next time', async () => {
    const { directory, asked } = setupDirectory({ lookUpTimeoutMs: 20 })
    await expect(directory.get('amina')).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' })
    const again = directory.get('amina')
    await settle()
    asked[1]?.answer(user('amina'))

    expect(await again).toMatchObject({ id: 'amina' })
  })

  it('asks for all who wait at once, and keeps who is not there apart', async () => {
    const { directory, asked } = setupDirectory()
    const names = ['amina', 'brian', 'chloe', 'david', 'nobody']
    const results = Promise.all(names.map((name) => directory.get(name)))
    await settle()
    expect(asked.map(({ userIds }) => userIds)).toEqual([['amina'], ['brian']])
    asked[0]?.answer(user('amina'))
    await settle()
    asked[2]?.answer(user('david'), user('chloe'))
    asked[1]?.answer(user('brian'))

    expect((await results).map((found) => found?.id)).toEqual([...names.slice(0, 4), undefined])
    expect(asked.map(({ userIds }) => userIds).slice(2)).toEqual([['chloe', 'david', 'nobody']])
  })

  it('does only that look-up of a batch again that a change has overtaken', async () => {
    const { directory, asked } = setupDirectory()
    void directory.get('first')
    void directory.get('second')
    const both = Promise.all([directory.get('amina'), directory.get('brian')])
    await settle()
    asked[0]?.answer()
    await settle()
    directory.onEntries([changeOf('amina')])
    asked[2]?.answer(user('amina'), user('brian'))
    await settle()
    asked[3]?.answer(user('amina', { isActive: false }))

    expect(await both).toMatchObject([{ isActive: false }, { isActive: true }])
    expect(asked[3]?.userIds).toEqual(['amina'])
  })

  it('asks no more for those who have given up waiting', async () => {
    const { directory, asked } = setupDirectory({ lookUpTimeoutMs: 20 })
    const results = await Promise.allSettled(
      ['first', 'second', 'amina', 'brian'].map((name) => directory.get(name)),
    )
    expect(results.map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
    const again = directory.get('chloe')
    asked[0]?.answer()
    await settle()
    asked[2]?.answer(user('chloe'))

    expect(await again).toMatchObject({ id: 'chloe' })
    expect(asked[2]?.userIds).toEqual(['chloe'])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuthUser } from '../../src/auth/authorize.js'
import { createUserDirectory } from '../../src/auth/user-directory.js'
import { toLogEntry, type LogEntry } from '../../src/log/entry.js'

const user = (id: string, overrides: Partial<AuthUser> = {}): AuthUser => ({
  id,
  username: id,
  role: 'pharmacist',
  isActive: true,
  authVersion: 1,
  tokensNotBefore: null,
  liveSessionIds: [],
  ...overrides,
})

const changeOf = (userId: string): LogEntry =>
  toLogEntry({
    seq: 1,
    name: 'user:changed',
    audience: `user:${userId}`,
    payload: { userId, deleted: true, ended: 'deleted' },
    at: new Date(),
  })

const endOf = (userId: string, sessionId: string): LogEntry =>
  toLogEntry({
    seq: 1,
    name: 'session:ended',
    audience: `user:${userId}`,
    payload: { userId, sessionId },
    at: new Date(),
  })

/** A store whose answers the test gives, one by one. */
const setupDirectory = (options: { readonly lookUpTimeoutMs?: number } = {}) => {
  const asked: {
    readonly userIds: readonly string[]
    readonly answer: (...found: readonly AuthUser[]) => void
  }[] = []
  /** `confirms`: whether one read would make it fresh. */
  const state = { isFresh: true, confirms: false }
  const directory = createUserDirectory({
    isFresh: () => state.isFresh,
    confirm: async () => {
      state.isFresh ||= state.confirms
      return state.isFresh
    },
    findUsers: (subjects) =>
      new Promise((resolve) =>
        asked.push({
          userIds: subjects.map(({ userId }) => userId),
          answer: (...found) => {
            resolve(new Map(found.map((one) => [one.id, one])))
          },
        }),
      ),
    ...options,
  })
  return { directory, asked, state }
}

/** Two turns of the event loop: what is asked in one goes to the store in the next. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('the user directory', () => {
  it('asks once for a user, however many ask at once and afterwards', async () => {
    const { directory, asked } = setupDirectory()
    const both = Promise.all([
      directory.get({ userId: 'amina' }),
      directory.get({ userId: 'amina' }),
    ])
    await settle()
    asked[0]?.answer(user('amina'))
    const [first, second] = await both

    expect(first).toBe(second)
    expect(await directory.get({ userId: 'amina' })).toBe(first)
    expect(asked.length).toBe(1)
  })

  it('forgets a user whom the log changes', async () => {
    const { directory, asked } = setupDirectory()
    const first = directory.get({ userId: 'amina' })
    await settle()
    asked[0]?.answer(user('amina'))
    const found = await first
    if (found === undefined) throw new Error('not found')
    expect(directory.isCurrent(found)).toBe(true)
    directory.onEntries([changeOf('amina')])

    expect(directory.isCurrent(found)).toBe(false)
    const again = directory.get({ userId: 'amina' })
    await settle()
    asked[1]?.answer(user('amina', { role: 'doctor' }))
    expect(await again).toMatchObject({ role: 'doctor' })
  })

  it('does a look-up again that a change has overtaken', async () => {
    const { directory, asked } = setupDirectory()
    const result = directory.get({ userId: 'amina' })
    await settle()
    directory.onEntries([changeOf('amina')])
    asked[0]?.answer(user('amina'))
    await settle()
    asked[1]?.answer(user('amina', { isActive: false }))

    expect(await result).toMatchObject({ isActive: false })
  })

  it('does a look-up again that a reset has overtaken', async () => {
    const { directory, asked } = setupDirectory()
    const result = directory.get({ userId: 'amina' })
    await settle()
    directory.onReset()
    asked[0]?.answer(user('amina'))
    await settle()
    asked[1]?.answer()

    expect(await result).toBeUndefined()
  })

  it('answers nobody while the log cannot be confirmed, not even from memory', async () => {
    const { directory, asked, state } = setupDirectory()
    const first = directory.get({ userId: 'amina' })
    await settle()
    asked[0]?.answer(user('amina'))
    await first
    state.isFresh = false

    await expect(directory.get({ userId: 'amina' })).rejects.toMatchObject({
      code: 'AUTH_STALE',
      message: 'Authorization cannot be confirmed',
    })
  })

  it('takes nobody for current after a standstill, and answers once the log is confirmed', async () => {
    const { directory, asked, state } = setupDirectory()
    const first = directory.get({ userId: 'amina' })
    await settle()
    asked[0]?.answer(user('amina'))
    const amina = await first
    state.isFresh = false
    state.confirms = true

    expect(amina && directory.isCurrent(amina)).toBe(false)
    expect(await directory.get({ userId: 'amina' })).toBe(amina)
    expect(amina && directory.isCurrent(amina)).toBe(true)
  })

  it('asks again for a session that it does not know, and for none that it knows', async () => {
    const { directory, asked } = setupDirectory()
    const of = (sessionId: string) => directory.get({ userId: 'amina', sessionId })
    const first = of('one')
    await settle()
    asked[0]?.answer(user('amina', { liveSessionIds: ['one'] }))
    const found = await first
    // A login is no entry of the log: what was not there may be there now.
    const second = of('two')
    await settle()
    asked[1]?.answer(user('amina', { liveSessionIds: ['two'] }))
    expect((await second)?.liveSessionIds).toEqual(['one', 'two'])
    const gone = of('gone')
    await settle()
    asked[2]?.answer(user('amina', { liveSessionIds: [] }))
    expect((await gone)?.liveSessionIds).not.toContain('gone')

    expect((await of('one'))?.liveSessionIds).toContain('one')
    expect(await of('two')).toBe(await directory.get({ userId: 'amina' }))
    expect(found?.liveSessionIds).toEqual(['one'])
    expect(asked.length).toBe(3)
  })

  it('never takes an ended session for a live one, nor a begun one for none, in any order of events', async () => {
    const action = fc.record({
      what: fc.constantFrom('begin', 'end', 'get', 'answer', 'hear'),
      which: fc.nat({ max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        // As committed, as this node has read the log, and the entries on their way to it.
        const begun = new Set<string>()
        const live = new Set<string>()
        const heardEnded = new Set<string>()
        const ended: string[] = []
        const answers: (() => void)[] = []
        const directory = createUserDirectory({
          isFresh: () => true,
          confirm: () => Promise.resolve(true),
          findUsers: (subjects) =>
            new Promise((resolve) => {
              const ids = subjects.map(({ sessionId = '' }) => sessionId)
              const found = user('amina', { liveSessionIds: ids.filter((id) => live.has(id)) })
              answers.push(() => {
                resolve(new Map([['amina', found]]))
              })
            }),
        })
        const gets: Promise<void>[] = []
        const get = async (sessionId: string): Promise<void> => {
          const wasLive = live.has(sessionId)
          const wasHeardEnded = heardEnded.has(sessionId)
          const found = await directory.get({ userId: 'amina', sessionId })
          const isLive = found?.liveSessionIds?.includes(sessionId) === true
          if (wasHeardEnded) expect(isLive).toBe(false)
          if (wasLive && live.has(sessionId)) expect(isLive).toBe(true)
        }
        for (const { what, which } of actions) {
          const id = `s${String(which)}`
          if (what === 'begin' && !begun.has(id)) live.add(id)
          if (what === 'begin') begun.add(id)
          if (what === 'end' && live.delete(id)) ended.push(id)
          // Its token is handed out after the COMMIT of the session: nobody asks before.
          if (what === 'get' && begun.has(id)) gets.push(get(id))
          if (what === 'answer') answers.shift()?.()
          if (what === 'hear') {
            const heard = ended.shift()
            if (heard === undefined) continue
            heardEnded.add(heard)
            directory.onEntries([endOf('amina', heard)])
          }
          await settle()
        }
        while (answers.length > 0) {
          answers.shift()?.()
          await settle()
        }
        await Promise.all(gets)
      }),
    )
  })

  it('gives up a look-up that does not settle, and asks anew the next time', async () => {
    const { directory, asked } = setupDirectory({ lookUpTimeoutMs: 20 })
    await expect(directory.get({ userId: 'amina' })).rejects.toMatchObject({
      code: 'SERVER_UNAVAILABLE',
    })
    const again = directory.get({ userId: 'amina' })
    await settle()
    asked[1]?.answer(user('amina'))

    expect(await again).toMatchObject({ id: 'amina' })
  })

  it('asks for all who wait at once, and keeps who is not there apart', async () => {
    const { directory, asked } = setupDirectory()
    const batches = [['amina', 'brian'], ['chloe'], ['david', 'emeka', 'nobody']]
    const results: Promise<AuthUser | undefined>[] = []
    for (const batch of batches) {
      results.push(...batch.map((name) => directory.get({ userId: name })))
      await settle()
    }
    // Two statements at a time; the third is asked for when one of them is over.
    expect(asked.map(({ userIds }) => userIds)).toEqual(batches.slice(0, 2))
    asked[0]?.answer(user('amina'), user('brian'))
    await settle()
    asked[2]?.answer(user('emeka'), user('david'))
    asked[1]?.answer(user('chloe'))

    const found = (await Promise.all(results)).map((one) => one?.id)
    expect(found).toEqual(['amina', 'brian', 'chloe', 'david', 'emeka', undefined])
    expect(asked.map(({ userIds }) => userIds)).toEqual(batches)
  })

  it('does only that look-up of a batch again that a change has overtaken', async () => {
    const { directory, asked } = setupDirectory()
    const both = Promise.all([
      directory.get({ userId: 'amina' }),
      directory.get({ userId: 'brian' }),
    ])
    await settle()
    directory.onEntries([changeOf('amina')])
    asked[0]?.answer(user('amina'), user('brian'))
    await settle()
    asked[1]?.answer(user('amina', { isActive: false }))

    expect(await both).toMatchObject([{ isActive: false }, { isActive: true }])
    expect(asked.map(({ userIds }) => userIds)).toEqual([['amina', 'brian'], ['amina']])
  })

  it('asks no more for those who have given up waiting', async () => {
    const { directory, asked } = setupDirectory({ lookUpTimeoutMs: 20 })
    const results: Promise<AuthUser | undefined>[] = []
    for (const name of ['first', 'second', 'amina']) {
      results.push(directory.get({ userId: name }))
      await settle()
    }
    const ends = await Promise.allSettled(results)
    expect(ends.map(({ status }) => status)).toEqual(Array(3).fill('rejected'))
    const again = directory.get({ userId: 'chloe' })
    asked[0]?.answer()
    await settle()
    asked[2]?.answer(user('chloe'))

    expect(await again).toMatchObject({ id: 'chloe' })
    expect(asked[2]?.userIds).toEqual(['chloe'])
  })
})

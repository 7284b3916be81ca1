import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuthUser } from '../../src/auth/authorize.js'
import { changeOf, settle, setupDirectory, user } from './directory-world.js'

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

  it('refuses nobody from memory: who was not active is asked for again, and is active before the log says so', async () => {
    const { directory, asked } = setupDirectory()
    const before = directory.get({ userId: 'amina' })
    await settle()
    asked[0]?.answer(user('amina', { isActive: false }))
    expect(await before).toMatchObject({ isActive: false })
    const after = directory.get({ userId: 'amina' })
    await settle()
    asked[1]?.answer(user('amina'))

    expect(await after).toMatchObject({ isActive: true })
    expect(await directory.get({ userId: 'amina' })).toBe(await after)
    expect(asked.length).toBe(2)
  })

  it('refuses nobody who is active, and lets in nobody who it has heard is not, in any order of events', async () => {
    const action = fc.constantFrom('change', 'hear', 'get', 'answer')
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { directory, asked } = setupDirectory()
        // As committed, and how many changes of it this node has not read.
        let isActive = true
        let changes = 0
        let unheard = 0
        let answered = 0
        let waiting = 0
        const answers: { readonly isActive: boolean }[] = []
        const gets: Promise<void>[] = []
        const get = async (): Promise<void> => {
          // Whoever joins a look-up that is on its way may be told what was true before he came.
          const isFirst = waiting === 0
          const before = changes
          const hasHeard = unheard === 0
          waiting += 1
          const found = await directory.get({ userId: 'amina' })
          waiting -= 1
          if (!isFirst || changes !== before) return
          if (isActive) expect(found?.isActive).toBe(true)
          else if (hasHeard) expect(found?.isActive).toBe(false)
        }
        /** What the store answers is what was committed when it was asked. */
        const readStore = async (): Promise<void> => {
          await settle()
          while (answers.length < asked.length) answers.push({ isActive })
        }
        const answer = async (): Promise<void> => {
          const next = answers[answered]
          if (next === undefined) return
          asked[answered]?.answer(user('amina', next))
          answered += 1
          await readStore()
        }
        for (const what of actions) {
          if (what === 'change') {
            isActive = !isActive
            changes += 1
            unheard += 1
          } else if (what === 'hear' && unheard > 0) {
            unheard -= 1
            directory.onEntries([changeOf('amina')])
          } else if (what === 'get') gets.push(get())
          else if (what === 'answer') await answer()
          await readStore()
        }
        while (answered < answers.length) await answer()
        await Promise.all(gets)
      }),
    )
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

  it('asks a few times a second, however many come one after the other and however fast it is answered', async () => {
    const everyMs = 20
    const { directory, asked } = setupDirectory({ lookUpEveryMs: everyMs })
    const results: Promise<AuthUser | undefined>[] = []
    const startedAt = performance.now()
    for (let n = 0; n < 200; n += 1) {
      results.push(directory.get({ userId: `user-${String(n)}` }))
      await settle()
      for (const { userIds, answer } of asked) answer(...userIds.map((id) => user(id)))
    }
    await expect
      .poll(() => {
        for (const { userIds, answer } of asked) answer(...userIds.map((id) => user(id)))
        return asked.flatMap(({ userIds }) => userIds).length
      })
      .toBe(200)
    expect((await Promise.all(results)).map((one) => one?.id)).toHaveLength(200)
    expect(asked.length).toBeLessThanOrEqual((performance.now() - startedAt) / everyMs + 1)
    // The first one did not wait.
    expect(asked[0]?.userIds).toEqual(['user-0'])
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

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUserDirectory } from '../../src/auth/user-directory.js'
import { endOf, settle, setupDirectory, user } from './directory-world.js'

describe('the user directory, of sessions', () => {
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
          lookUpEveryMs: 0,
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
})

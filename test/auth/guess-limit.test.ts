import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGuessLimit } from '../../src/auth/guess-limit.js'

const WINDOW_MS = 60_000

describe('createGuessLimit', () => {
  it('lets no more wrong guesses at a key through in any minute, and says when the next may be', () => {
    const guess = fc.record({
      pauseMs: fc.integer({ min: 0, max: 30_000 }),
      key: fc.constantFrom('asha', 'brian'),
      isRight: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(guess), (perMinute, guesses) => {
        let nowMs = 0
        const limit = createGuessLimit({ perMinute, now: () => nowMs })
        const wrong: { key: string; at: number }[] = []
        const inWindow = (key: string): number =>
          wrong.filter((one) => one.key === key && one.at > nowMs - WINDOW_MS).length
        for (const { pauseMs, key, isRight } of guesses) {
          nowMs += pauseMs
          const isBlocked = inWindow(key) >= perMinute
          try {
            const forgive = limit.begin(key)
            expect(isBlocked).toBe(false)
            if (isRight) forgive()
            else wrong.push({ key, at: nowMs })
          } catch (error) {
            expect(error).toMatchObject({ code: 'RATE_LIMITED' })
            expect(isBlocked).toBe(true)
            const { retryAfterMs } = error as { retryAfterMs: number }
            expect(retryAfterMs).toBeGreaterThan(0)
            nowMs += retryAfterMs
            expect(inWindow(key)).toBeLessThan(perMinute)
          }
        }
      }),
    )
  })

  it('counts what is under way, so that guesses at once are not more', () => {
    const limit = createGuessLimit({ perMinute: 2, now: () => 0 })
    const forgive = limit.begin('asha')
    limit.begin('asha')
    expect(() => limit.begin('asha')).toThrow('Too many attempts')
    forgive()
    forgive()
    limit.begin('asha')
    expect(() => limit.begin('asha')).toThrow('Too many attempts')
  })
})

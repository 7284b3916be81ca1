import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Budget } from '../../src/realtime/budget.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Spends at each of these moments, in ms; resolves to how often there was nothing left. */
const refusals = (perSecond: number, moments: readonly number[]): number => {
  const start = performance.now()
  const budget = new Budget(perSecond)
  return moments.filter((moment) => {
    vi.advanceTimersByTime(start + moment - performance.now())
    return !budget.spend()
  }).length
}

const rate = fc.integer({ min: 1, max: 200 })

describe('the budget of a connection', () => {
  it('has room for an honest client whose packets the network holds for up to a second and hands over at once', () => {
    fc.assert(
      fc.property(
        rate,
        fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 50 }),
        (perSecond, holds) => {
          // Sent evenly, as fast as it may; each stall holds all that is sent until it ends.
          let heldUntil = 0
          const arrivals = Array.from({ length: perSecond * 10 }, (_, index) => {
            const sentAt = (index * 1_000) / perSecond
            if (sentAt >= heldUntil) heldUntil = sentAt + (holds[index % holds.length] ?? 0)
            return heldUntil
          })
          expect(refusals(perSecond, arrivals)).toBe(0)
        },
      ),
    )
  })

  it('lets nobody have more than two seconds at once and the rate after that', () => {
    fc.assert(
      fc.property(
        rate,
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 1_000 }),
        (perSecond, gaps) => {
          let at = 0
          const moments = gaps.map((gap) => (at += gap))
          const granted = moments.length - refusals(perSecond, moments)
          expect(granted).toBeLessThanOrEqual(perSecond * 2 + (at / 1_000) * perSecond + 1)
        },
      ),
    )
  })
})

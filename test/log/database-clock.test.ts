import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDatabaseClock } from '../../src/log/database-clock.js'

const START = Date.parse('2026-11-27T12:00:00Z')

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** One read: the question travels, the database says its time, the answer travels. */
const read = (
  clock: ReturnType<typeof createDatabaseClock>,
  aheadMs: number,
  [thereMs, backMs]: readonly [number, number],
): void => {
  const askedAt = performance.now()
  vi.advanceTimersByTime(thereMs)
  const readAt = new Date(Date.now() + aheadMs)
  vi.advanceTimersByTime(backMs)
  clock.set(readAt, askedAt)
}

describe('the clock of the database', () => {
  it('is right to within the quickest answer since it moved, however slow the others were', () => {
    const travel = fc.tuple(fc.nat({ max: 3_000 }), fc.nat({ max: 3_000 }))
    fc.assert(
      fc.property(
        fc.integer({ min: -60_000, max: 60_000 }),
        fc.array(travel, { minLength: 1, maxLength: 12 }),
        (aheadMs, reads) => {
          const clock = createDatabaseClock()
          let quickest = Number.POSITIVE_INFINITY
          for (const one of reads) {
            read(clock, aheadMs, one)
            quickest = Math.min(quickest, one[0] + one[1])
            expect(Math.abs(clock.now() - Date.now() - aheadMs)).toBeLessThanOrEqual(quickest + 1)
          }
        },
      ),
    )
  })

  it('is this clock where a slow answer does not contradict it', () => {
    const clock = createDatabaseClock()
    read(clock, 0, [50, 4_000])
    expect(Math.abs(clock.now() - Date.now())).toBeLessThanOrEqual(1)
  })

  it('does not follow a step of this machine', () => {
    const clock = createDatabaseClock()
    read(clock, 0, [1, 1])
    const before = clock.now()
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(Math.abs(clock.now() - before)).toBeLessThanOrEqual(1)
  })
})

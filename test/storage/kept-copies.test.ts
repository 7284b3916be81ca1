import fc from 'fast-check'
import { expect, it } from 'vitest'
import { copyName, copyTime, newestCopy, sortCopies } from '../../src/storage/kept-copies.js'

const second = fc.integer({ min: 0, max: 4_102_444_800 }).map((s) => new Date(s * 1_000))

it('reads the time of a copy from its name, and from no other name', () => {
  fc.assert(
    fc.property(second, fc.string({ minLength: 1 }), (at, more) => {
      expect(copyTime(copyName(at))).toEqual(at)
      expect(copyTime(copyName(at) + more)).toBeUndefined()
      expect(copyTime(more + copyName(at))).toBeUndefined()
    }),
  )
  expect(copyTime('uzima-2026-02-30T00-00-00Z')).toBeUndefined()
})

it('never gives a copy of now up for others, though a wrong clock has named those after it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(second, { selector: Number, minLength: 1 }), (times) => {
      const [now = new Date(0)] = times
      const sorted = sortCopies(times.map(copyName), now)
      expect(sorted[0]?.at).toEqual(now)
      expect(newestCopy(sorted, now)).toEqual(now)
      const past = sorted.filter(({ at }) => at <= now).map(({ at }) => at.getTime())
      expect(past).toEqual(past.toSorted((a, b) => b - a))
      expect(sorted.slice(0, past.length).every(({ at }) => at <= now)).toBe(true)
    }),
  )
})

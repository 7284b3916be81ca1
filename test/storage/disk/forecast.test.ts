import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forecastDisk, type DiskSample } from '../../../src/storage/disk/forecast.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const GB = 1e9
/** Below it the embedded store writes nothing. */
const KEPT_FREE = 33_554_432
const NOW = Date.UTC(2030, 0, 15)

const sample = (hoursAgo: number, free: number, spare = free): DiskSample => ({
  at: NOW - hoursAgo * HOUR,
  free,
  spare,
})

/** Hours at which a machine ran, two days or more of them, the last one being now. */
const hours = fc
  .uniqueArray(fc.integer({ min: 0, max: 14 * 24 - 1 }), { minLength: 3, maxLength: 336 })
  .map((some) => [...some, 0, 30, 60])
/** All hours of some days. */
const everyHour = fc
  .integer({ min: 8, max: 14 })
  .map((days) => Array.from({ length: days * 24 }, (_, hour) => hour))
const bytes = fc.integer({ min: 1e8, max: 1e13 })
const rate = fc.integer({ min: 1, max: 5e9 })

const anySample = fc.record({
  at: fc.oneof(
    fc.integer({ min: NOW - 20 * DAY, max: NOW + DAY }),
    fc.integer({ min: -(2 ** 53), max: 2 ** 53 }),
  ),
  free: fc.oneof(bytes, fc.constant(0)),
  spare: fc.oneof(bytes, fc.integer()),
})

describe('the forecast of a disk', () => {
  it('says something that makes sense, or nothing, whatever was measured', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 60 }), (samples) => {
        const forecast = forecastDisk(samples, NOW)
        if (forecast === undefined) return
        expect(forecast.daysLeft).toBeGreaterThanOrEqual(0)
        expect(Number.isFinite(forecast.lostPerDay)).toBe(true)
        expect(forecastDisk(samples.toReversed(), NOW)).toEqual(forecast)
      }),
    )
  })

  it('says nothing before two days are known', () => {
    const early = fc.array(fc.integer({ min: 0, max: 47 }), { maxLength: 50 })
    fc.assert(
      fc.property(early, bytes, (some, free) => {
        expect(
          forecastDisk(
            some.map((hour) => sample(hour, free)),
            NOW,
          ),
        ).toBeUndefined()
      }),
    )
  })

  it('is never, where a disk stays as it is or gains', () => {
    fc.assert(
      fc.property(hours, bytes, fc.oneof(fc.constant(0), rate), (some, free, gain) => {
        const samples = some.map((hour) => sample(hour, free + gain * (14 - hour / 24)))
        expect(forecastDisk(samples, NOW)?.daysLeft).toBe(Infinity)
      }),
    )
  })

  it('is right where a disk shrinks evenly, whenever the machine ran', () => {
    fc.assert(
      fc.property(hours, bytes, rate, (some, free, loss) => {
        const samples = some.map((hour) => sample(hour, free + (loss * hour) / 24))
        const forecast = forecastDisk(samples, NOW)
        expect(forecast?.lostPerDay).toBeCloseTo(loss, -3)
        const days = (free - KEPT_FREE) / loss
        // What is stored as bytes has no fractions of them, and a loss of one byte has some.
        if (loss > 1e6) expect((forecast?.daysLeft ?? 0) / days).toBeCloseTo(1, 2)
      }),
    )
  })

  it('is off by no more than a third of the noise a day, whatever comes and goes, a saw-tooth too', () => {
    const noise = fc.oneof(
      // Something of each hour's own.
      fc
        .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 336, maxLength: 336 })
        .map((each) => (hour: number) => each[hour] ?? 0),
      // Copies of others, which come at once and go at once, with any period.
      fc.integer({ min: 2, max: 14 * 24 }).map((teeth) => (hour: number) => (hour % teeth) / teeth),
    )
    fc.assert(
      fc.property(everyHour, rate, bytes, noise, (some, loss, height, of) => {
        const samples = some.map((hour) =>
          sample(hour, 1e14 + (loss * hour) / 24 + height * of(hour)),
        )
        const off = (forecastDisk(samples, NOW)?.lostPerDay ?? Infinity) - loss
        expect(Math.abs(off)).toBeLessThanOrEqual(height / 3)
      }),
    )
  })

  it('does not see what comes and goes within a day', () => {
    const teeth = fc.constantFrom(2, 3, 4, 6, 8, 12, 24)
    fc.assert(
      fc.property(everyHour, rate, bytes, teeth, (some, loss, height, period) => {
        const samples = some.map((hour) =>
          sample(hour, 1e14 + (loss * hour) / 24 + (height * (hour % period)) / period),
        )
        expect(forecastDisk(samples, NOW)?.lostPerDay).toBeCloseTo(loss, -6)
      }),
    )
  })

  it('takes one large file, come or gone, for no growth', () => {
    fc.assert(
      fc.property(everyHour, fc.integer({ min: 1, max: 13 }), bytes, (some, nights, size) => {
        const days = some.length / 24
        // In the middle, more than half of the pairs of days have it between them.
        fc.pre(nights < days && nights * (days - nights) < (days * (days - 1)) / 4)
        const samples = some.map((hour) => sample(hour, 1e14 + (hour >= nights * 24 ? size : 0)))
        expect(forecastDisk(samples, NOW)?.daysLeft).toBe(Infinity)
      }),
    )
  })

  it('goes by the right samples alone, where a clock was wrong for a while', () => {
    const wrong = fc.array(
      fc.tuple(
        fc.oneof(
          fc.integer({ min: NOW + 1, max: NOW + 1_000 * DAY }),
          fc.integer({ min: 0, max: NOW - 14 * DAY }),
        ),
        fc.integer(),
      ),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(hours, bytes, rate, wrong, (some, free, loss, others) => {
        const right = some.map((hour) => sample(hour, free + (loss * hour) / 24))
        const samples = others.map(([at, each]) => ({ at, free: each, spare: each }))
        expect(forecastDisk([...samples, ...right], NOW)).toEqual(forecastDisk(right, NOW))
      }),
    )
  })

  it('holds where the clock steps back by hours', () => {
    fc.assert(
      fc.property(
        everyHour,
        rate,
        fc.integer({ min: 0, max: 335 }),
        fc.integer({ min: 1, max: 12 }),
        (some, loss, when, step) => {
          // Until the step the clock was ahead, so that the same hours come twice.
          const samples = some.map((hour) =>
            sample(hour > when ? hour - step : hour, 1e14 + (loss * hour) / 24),
          )
          const off = (forecastDisk(samples, NOW)?.lostPerDay ?? Infinity) / loss
          expect(Math.abs(off - 1)).toBeLessThanOrEqual(step / 24)
        },
      ),
    )
  })
})

describe('the forecast of a disk that fills with copies', () => {
  /** The disk of a database of `size`, which grows, where `keep` copies are kept, one a day, the first of them `days` ago. */
  const copying = (size: number, growth: number, keep: number, days: number, disk: number) =>
    Array.from({ length: days * 24 }, (_, hour) => {
      const day = days - hour / 24
      const data = size + growth * day
      const made = Array.from({ length: Math.ceil(day) }, (__, copy) => size + growth * copy)
      const kept = made.slice(-keep)
      const free = disk - data - kept.reduce((sum, each) => sum + each, 0)
      return sample(hour, free, free - (keep - kept.length) * data)
    })

  it('is never, where the data does not grow and all copies fit, from the third day on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1e6, max: 1e9 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 3, max: 14 }),
        (size, keep, days) => {
          const samples = copying(size, 0, keep, days, size * (keep + 1) + GB)
          expect(forecastDisk(samples, NOW)?.daysLeft).toBe(Infinity)
        },
      ),
    )
  })

  it('goes by the growth of the data and of its copies, and by no copy that is still to come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1e6, max: 1e9 }),
        fc.integer({ min: 1e3, max: 1e7 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 3, max: 14 }),
        (size, growth, keep, days) => {
          const lost = forecastDisk(copying(size, growth, keep, days, 1e13), NOW)?.lostPerDay ?? 0
          expect(lost).toBeGreaterThan(growth / 2)
          expect(lost).toBeLessThan((keep + 2) * growth)
        },
      ),
    )
  })

  it('tells when the copies fill it, where they do not all fit', () => {
    // Ten copies are there, and ten more fit, of a hundred.
    const samples = copying(GB, 0, 100, 10, 21 * GB + KEPT_FREE)
    expect(forecastDisk(samples, NOW)?.daysLeft).toBeCloseTo(10, 0)
  })
})

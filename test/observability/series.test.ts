import { systemSeriesSchema } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSeries } from '../../src/observability/series.js'

const at = new Date('2026-11-27T08:00:00Z')
const createOf = (keep = 180) => createSeries({ startedAt: at, everyMs: 5_000, keep })

describe('what a node measures of itself', () => {
  it('is empty before the first step has ended, and as of its start', () => {
    const series = createOf()
    series.delivered(3)
    expect(series.read()).toEqual({
      until: at.toISOString(),
      everyMs: 5_000,
      connections: [],
      eventsPerSecond: [],
      deliveryMs: [],
      logAgeMs: [],
    })
  })

  it('tells of a step its events, how late they were, and how old the log was at worst', () => {
    const series = createOf()
    for (let ms = 1; ms <= 100; ms += 1) series.delivered(ms)
    series.aged(480)
    series.aged(2_600)
    series.aged(120)
    series.step(new Date(at.getTime() + 5_000), 7)
    series.step(new Date(at.getTime() + 10_000), 8)
    expect(series.read()).toEqual({
      until: '2026-11-27T08:00:10.000Z',
      everyMs: 5_000,
      connections: [7, 8],
      eventsPerSecond: [20, 0],
      deliveryMs: [95, null],
      logAgeMs: [2_600, 0],
    })
  })

  it('tells nothing of the age of a log that was never confirmed', () => {
    const series = createOf()
    series.aged(Number.POSITIVE_INFINITY)
    series.step(at, 0)
    expect(series.read().logAgeMs).toEqual([null])
  })

  it('keeps the last steps only, all lists of one length, as the contract says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 30 }), {
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 10 }),
        (steps, keep) => {
          const series = createOf(keep)
          steps.forEach((delays, index) => {
            for (const delay of delays) series.delivered(delay)
            series.step(at, index)
          })
          const read = systemSeriesSchema.parse(series.read())
          expect(read.connections).toEqual(steps.map((_, index) => index).slice(-keep))
          for (const list of [read.eventsPerSecond, read.deliveryMs, read.logAgeMs]) {
            expect(list).toHaveLength(read.connections.length)
          }
        },
      ),
    )
  })

  it('stays near the truth, and small, when far more is delivered than it keeps', () => {
    const series = createOf()
    for (let i = 0; i < 200_000; i += 1) series.delivered(i % 1_000)
    series.step(at, 1)
    const { deliveryMs, eventsPerSecond } = series.read()
    expect(eventsPerSecond).toEqual([40_000])
    // 95 of 100 of 0..999, drawn a thousand times: 20 standard errors wide.
    expect(deliveryMs[0]).toBeGreaterThan(810)
    expect(deliveryMs[0]).toBeLessThan(1_000)
  })
})

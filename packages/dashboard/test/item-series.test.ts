import type { Movement as PastMovement } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawnMarks, scaleOf, stepPath, thinned } from '../src/item/chart-geometry.js'
import { seriesOf, type Series } from '../src/item/series.js'
import { dailyUse, daysLeft } from '../src/item/usage.js'

const DAY_MS = 86_400_000
const NOW = Date.parse('2026-11-27T12:00:00Z')
const FROM = NOW - 30 * DAY_MS

/** A history, newest first, of moves at the given hours before now. */
const historyOf = (steps: readonly { hoursAgo: number; delta: number }[]): PastMovement[] => {
  let total = 0
  return steps
    .toSorted((a, b) => b.hoursAgo - a.hoursAgo)
    .map(({ hoursAgo, delta }, index): PastMovement => {
      const before = total
      total = Math.max(0, total + delta)
      return {
        id: index.toString(),
        type: delta > 0 ? 'lot_added' : 'consumed',
        delta: total - before,
        before,
        after: total,
        lots: [],
        actor: 'asha',
        reason: null,
        at: new Date(NOW - hoursAgo * 3_600_000).toISOString(),
        seq: index + 1,
      }
    })
    .toReversed()
}

const histories = fc
  .array(
    fc.record({
      hoursAgo: fc.integer({ min: 1, max: 2000 }),
      delta: fc.integer({ min: -50, max: 50 }),
    }),
    { maxLength: 60 },
  )
  .map(historyOf)

const totalAt = ({ points }: Series, at: number): number | undefined =>
  points.findLast((point) => point.at <= at)?.total

describe('the total over time', () => {
  it('is at each moment what the history says, up to the present total', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: FROM, max: NOW }), (history, at) => {
        const total = history[0]?.after ?? 0
        const series = seriesOf(history, total, { from: FROM, to: NOW, complete: true })
        const oldest = history.findLast(({ delta }) => delta !== 0)
        const begin = Math.max(FROM, oldest === undefined ? FROM : Date.parse(oldest.at))
        const truth = history.find((movement) => Date.parse(movement.at) <= at)?.after ?? 0
        if (at >= begin) expect(totalAt(series, at)).toBe(truth)
        expect(series.points.at(-1)).toEqual({ at: NOW, total })
        expect(series.points[0]?.at).toBeGreaterThanOrEqual(FROM)
      }),
    )
  })

  it('begins where the history begins, be it that there was no item before or that older pages are left', () => {
    const history = historyOf([
      { hoursAgo: 5, delta: 10 },
      { hoursAgo: 3, delta: -4 },
    ])
    for (const complete of [true, false]) {
      const series = seriesOf(history, 6, { from: FROM, to: NOW, complete })
      expect(series.from).toBe(NOW - 5 * 3_600_000)
    }
    const [newest] = history
    const later = seriesOf(newest === undefined ? [] : [newest], 6, {
      from: FROM,
      to: NOW,
      complete: true,
    })
    expect([later.from, later.points[0]?.total]).toEqual([FROM, 10])
  })

  it('marks receipts and consumptions with what they changed', () => {
    const history = historyOf([
      { hoursAgo: 5, delta: 10 },
      { hoursAgo: 3, delta: -4 },
    ])
    expect(seriesOf(history, 6, { from: FROM, to: NOW, complete: true }).marks).toMatchObject([
      { kind: 'receipt', delta: 10, total: 10 },
      { kind: 'consumption', delta: -4, total: 6 },
    ])
  })
})

describe('the chart', () => {
  const area = { left: 40, top: 10, width: 300, height: 100 }

  it('keeps every point and the threshold inside, with whole totals at its lines', () => {
    fc.assert(
      fc.property(histories, fc.nat({ max: 100_000 }), (history, threshold) => {
        const series = seriesOf(history, history[0]?.after ?? 0, {
          from: FROM,
          to: NOW,
          complete: true,
        })
        const scale = scaleOf(series, threshold, area)
        for (const { at, total } of series.points) {
          expect(scale.x(at)).toBeGreaterThanOrEqual(40)
          expect(scale.x(at)).toBeLessThanOrEqual(340.001)
          expect(scale.y(total)).toBeGreaterThanOrEqual(9.999)
          expect(scale.y(total)).toBeLessThanOrEqual(110.001)
        }
        expect(scale.y(threshold)).toBeGreaterThanOrEqual(9.999)
        expect(scale.y(0)).toBe(110)
        expect(scale.ticks.every(Number.isInteger)).toBe(true)
        expect(scale.ticks.length).toBeLessThan(8)
        expect(stepPath(series.points, scale)).not.toContain('NaN')
      }),
    )
  })

  it('joins marks that would lie on top of each other, and loses none of what they changed', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const series = seriesOf(history, history[0]?.after ?? 0, {
          from: FROM,
          to: NOW,
          complete: true,
        })
        const drawn = drawnMarks(series.marks, scaleOf(series, 0, area))
        const sum = (marks: readonly { delta: number }[]): number =>
          marks.reduce((total, { delta }) => total + delta, 0)
        expect(sum(drawn)).toBe(sum(series.marks))
      }),
    )
  })

  it('leaves out points of a long history, but neither its lowest nor its highest', () => {
    const points = Array.from({ length: 5000 }, (_, index) => ({
      at: index,
      total: (index * 7919) % 997,
    }))
    const kept = thinned(points)
    expect(kept.length).toBeLessThan(450)
    const totals = (some: readonly { total: number }[]): number[] => some.map(({ total }) => total)
    expect(Math.max(...totals(kept))).toBe(Math.max(...totals(points)))
    expect(Math.min(...totals(kept))).toBe(Math.min(...totals(points)))
    expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)])
  })
})

describe('the days of stock left', () => {
  it('are what is usable, over what goes out on an average day', () => {
    expect(daysLeft(100, { uses: 12, quantity: 300, days: 30 })).toBe(10)
    expect(daysLeft(105, { uses: 12, quantity: 300, days: 30 })).toBe(10)
    expect(daysLeft(0, { uses: 12, quantity: 300, days: 30 })).toBe(0)
  })

  it('are unknown under three uses, and do not take one busy day for a rate', () => {
    expect(daysLeft(100, { uses: 2, quantity: 300, days: 30 })).toBeNull()
    expect(dailyUse({ uses: 3, quantity: 70, days: 1 })).toBe(10)
  })
})

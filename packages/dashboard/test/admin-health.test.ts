import type { System, SystemNode } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extent, FIGURES, latest, timelineOf } from '../src/admin/health/figures.js'
import { isWell } from '../src/admin/health/is-well.js'
import { BOX, drawLine, niceTop } from '../src/admin/health/line-path.js'

const node = (
  name: string,
  until: string,
  connections: readonly number[],
  deliveryMs: readonly (number | null)[] = connections.map(() => null),
): SystemNode => ({
  node: name,
  startedAt: '2026-11-27T08:00:00.000Z',
  ready: true,
  database: 'up',
  redis: 'up',
  log: 'fresh',
  series: {
    until,
    everyMs: 5_000,
    connections: [...connections],
    eventsPerSecond: connections.map(() => 2),
    deliveryMs: [...deliveryMs],
    logAgeMs: connections.map(() => 300),
  },
})
const system = (...nodes: readonly SystemNode[]): System => ({
  answeredBy: 'one',
  nodes: [...nodes],
  missingNodes: [],
})

describe('the timeline of the service', () => {
  it('adds up the connections of its nodes and takes the worst of the rest, each where it belongs', () => {
    const one = node('one', '2026-11-27T10:00:01.200Z', [1, 2, 3], [10, null, 30])
    // Started a step ago; its last step ended later.
    const two = node('two', '2026-11-27T10:00:06.900Z', [5], [20])
    const timeline = timelineOf(system(one, two))
    expect(timeline.values.connections).toEqual([1, 2, 3, 5])
    expect(
      timelineOf(system(one, node('two', '2026-11-27T10:00:01.900Z', [5, 6], [40, null]))).values,
    ).toMatchObject({
      connections: [1, 7, 9],
      deliveryMs: [10, 40, 30],
      eventsPerSecond: [2, 2, 2],
    })
  })

  it('has all figures in lists of one length, whatever the nodes have measured', () => {
    const series = fc.array(fc.nat(50), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(fc.tuple(series, fc.nat(60_000)), { maxLength: 4 }), (nodes) => {
        const timeline = timelineOf(
          system(
            ...nodes.map(([values, ms], index) =>
              node(index.toString(), new Date(1_800_000_000_000 + ms).toISOString(), values),
            ),
          ),
        )
        const { length } = timeline.values.connections
        for (const figure of FIGURES) expect(timeline.values[figure]).toHaveLength(length)
        const sum = (values: readonly (number | null)[]) =>
          values.reduce<number>((total, value) => total + (value ?? 0), 0)
        expect(sum(timeline.values.connections)).toBe(sum(nodes.flatMap(([values]) => values)))
      }),
    )
  })

  it('tells the latest, the least and the most of what was measured', () => {
    expect(latest([1, 4, null])).toBe(4)
    expect(latest([null])).toBeNull()
    expect(extent([3, null, 1])).toEqual({ least: 1, most: 3 })
    expect(extent([])).toBeUndefined()
  })
})

describe('the service', () => {
  const well = node('one', '2026-11-27T10:00:00.000Z', [1])
  it('is well where every server answers, admits callers and reaches what it needs', () => {
    expect(isWell(system(well, { ...well, node: 'two', redis: 'unused' }))).toBe(true)
  })
  it.each([
    ['a server does not answer', { ...system(well), missingNodes: ['two'] }],
    ['one admits nobody', system(well, { ...well, ready: false })],
    ['a database only reads', system({ ...well, database: 'read_only' })],
    ['the link between servers is down', system({ ...well, redis: 'down' })],
    ['a log is old', system(well, { ...well, log: 'stale' })],
  ])('is not where %s', (_name, described) => {
    expect(isWell(described)).toBe(false)
  })
})

describe('the line of a chart', () => {
  it('stays inside of its box, breaks at gaps and ends at the right', () => {
    const values = fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })), {
      minLength: 1,
      maxLength: 40,
    })
    fc.assert(
      fc.property(values, (made) => {
        const top = niceTop(extent(made)?.most ?? 0)
        const { line } = drawLine(made, { steps: 40, top })
        const points = [...line.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [
          Number(x),
          Number(y),
        ])
        for (const [x = -1, y = -1] of points) {
          expect(x >= 0 && x <= BOX.width && y >= 0 && y <= BOX.height).toBe(true)
        }
        const runs = made.filter(
          (value, index) => value !== null && (made[index - 1] ?? null) === null,
        )
        expect(line.match(/M/g)?.length ?? 0).toBe(runs.length)
        if (made.at(-1) !== null) expect(points.at(-1)?.[0]).toBe(BOX.width)
      }),
    )
  })

  it('is as high as its value', () => {
    const { heightOf, line } = drawLine([0, 50, 100], { steps: 3, top: 100 })
    expect(line).toBe('M0,120L300,60 600,0')
    expect(heightOf(25)).toBe(90)
  })

  it.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [12, 20],
    [50, 50],
    [51, 100],
    [0.3, 1],
  ])('for %d reaches up to %d', (value, top) => {
    expect(niceTop(value)).toBeCloseTo(top)
  })
})

import type { Facts } from '../checker/facts.js'
import { liveDeliveries } from './latency.js'
import { summarise } from '../../rig/statistics.js'

const WIDTH = 1_200
const LEFT = 70
const RIGHT = 20
const PANELS = { commits: [40, 130], deliveries: [200, 130], latency: [360, 190] } as const
const HEIGHT = 640
const COLOURS: Readonly<Record<string, string>> = {
  redis: '#f2c14e',
  postgres: '#d1495b',
  node: '#30638e',
  clients: '#7fb069',
}

interface Second {
  committed: number
  delivered: number
  latencies: number[]
}

/** Commits, deliveries and latency on one time axis, with the faults behind them, as SVG. */
export const drawRun = (facts: Facts, title: string): string => {
  const lastT = facts.history.records.at(-1)?.t ?? 0
  const seconds: Second[] = Array.from({ length: Math.ceil(lastT / 1_000) + 1 }, () => ({
    committed: 0,
    delivered: 0,
    latencies: [],
  }))
  for (const entry of facts.dump.log) {
    const second = seconds[Math.floor(facts.committedAt(entry) / 1_000)]
    if (second !== undefined) second.committed += 1
  }
  for (const record of facts.history.records) {
    const second = seconds[Math.floor(record.t / 1_000)]
    if (record.op === 'packet' && second !== undefined) second.delivered += 1
  }
  for (const { committedAt, latencyMs } of liveDeliveries(facts)) {
    seconds[Math.floor(committedAt / 1_000)]?.latencies.push(latencyMs)
  }
  const x = (t: number): number => LEFT + (t / lastT) * (WIDTH - LEFT - RIGHT)
  const summaries = seconds.map(({ latencies }) => summarise(latencies))

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${String(LEFT)}" y="22" font-size="15">${title}</text>`,
    ...facts.faults.map(({ start, end, affects, kind, id }) => {
      const colour = COLOURS[affects[0] ?? ''] ?? '#aaaaaa'
      const width = Math.max(2, x(end) - x(start))
      return `<rect x="${fixed(x(start))}" y="40" width="${fixed(width)}" height="510" fill="${colour}" opacity="0.3"><title>${String(id)} ${kind}</title></rect>`
    }),
    panel(
      'commits',
      'committed events/s',
      seconds.map(({ committed }) => committed),
      x,
    ),
    panel(
      'deliveries',
      'deliveries/s',
      seconds.map(({ delivered }) => delivered),
      x,
    ),
    logPanel('commit to client, ms (p50, p99, max; log)', summaries, x),
    ...axis(lastT, x),
    ...legend(),
    '</svg>',
  ].join('\n')
}

const panel = (
  name: 'commits' | 'deliveries',
  label: string,
  values: readonly number[],
  x: (t: number) => number,
): string => {
  const [top, height] = PANELS[name]
  const highest = Math.max(1, ...values)
  const points = values.map(
    (value, second) =>
      `${fixed(x(second * 1_000))},${fixed(top + height - (value / highest) * height)}`,
  )
  return [
    frame(top, height, label),
    `<text x="${String(LEFT - 6)}" y="${String(top + 10)}" text-anchor="end">${String(highest)}</text>`,
    `<polyline fill="none" stroke="#222222" points="${points.join(' ')}"/>`,
  ].join('\n')
}

const logPanel = (
  label: string,
  summaries: readonly {
    readonly count: number
    readonly p50: number
    readonly p99: number
    readonly max: number
  }[],
  x: (t: number) => number,
): string => {
  const [top, height] = PANELS.latency
  // From 1 ms to 100 s.
  const y = (ms: number): number => top + height - (Math.log10(Math.max(1, ms)) / 5) * height
  const dots = (pick: 'p50' | 'p99' | 'max', colour: string): string =>
    summaries
      .flatMap((summary, second) =>
        summary.count === 0
          ? []
          : [
              `<circle cx="${fixed(x(second * 1_000 + 500))}" cy="${fixed(y(summary[pick]))}" r="1.6" fill="${colour}"/>`,
            ],
      )
      .join('')
  const marks = [1, 10, 100, 1_000, 10_000].map(
    (ms) =>
      `<line x1="${String(LEFT)}" x2="${String(WIDTH - RIGHT)}" y1="${fixed(y(ms))}" y2="${fixed(y(ms))}" stroke="#dddddd"/><text x="${String(LEFT - 6)}" y="${fixed(y(ms) + 4)}" text-anchor="end">${String(ms)}</text>`,
  )
  return [
    frame(top, height, label),
    ...marks,
    dots('max', '#d1495b'),
    dots('p99', '#edae49'),
    dots('p50', '#30638e'),
  ].join('\n')
}

const frame = (top: number, height: number, label: string): string =>
  `<rect x="${String(LEFT)}" y="${String(top)}" width="${String(WIDTH - LEFT - RIGHT)}" height="${String(height)}" fill="none" stroke="#888888"/><text x="${String(LEFT + 6)}" y="${String(top + 14)}">${label}</text>`

const axis = (lastT: number, x: (t: number) => number): string[] => {
  const step = lastT > 300_000 ? 60_000 : 10_000
  return Array.from({ length: Math.floor(lastT / step) + 1 }, (_, index) => {
    const t = index * step
    return `<text x="${fixed(x(t))}" y="568" text-anchor="middle">${String(t / 1_000)} s</text>`
  })
}

const legend = (): string[] => {
  const faults = Object.entries(COLOURS).map(([name, colour]) => ({
    name: `${name} broken`,
    colour,
  }))
  const dots = [
    { name: 'p50', colour: '#30638e' },
    { name: 'p99', colour: '#edae49' },
    { name: 'max', colour: '#d1495b' },
  ]
  return [...faults, ...dots].map(({ name, colour }, index) => {
    const left = LEFT + index * 150
    return `<rect x="${String(left)}" y="590" width="12" height="12" fill="${colour}"/><text x="${String(left + 18)}" y="601">${name}</text>`
  })
}

const fixed = (value: number): string => value.toFixed(1)

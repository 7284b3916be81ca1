import type { Mark, MarkKind, Point, Series } from './series.js'

/** The drawing's area, in the units of its `viewBox`. */
export interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Scale {
  readonly x: (at: number) => number
  readonly y: (total: number) => number
  /** Round totals for the lines across, from 0 to above the highest. */
  readonly ticks: readonly number[]
}

/** Fits a series and its threshold into an area, with 0 at the bottom: a short stock must look short. */
export const scaleOf = ({ points, from, to }: Series, threshold: number, area: Area): Scale => {
  const highest = Math.max(1, threshold, ...points.map(({ total }) => total))
  const ticks = ticksTo(highest)
  const top = ticks.at(-1) ?? highest
  const span = Math.max(1, to - from)
  return {
    x: (at) => area.left + ((at - from) / span) * area.width,
    y: (total) => area.top + area.height - (total / top) * area.height,
    ticks,
  }
}

const ticksTo = (highest: number): number[] => {
  const rough = highest / 4
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  const nice = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude)
  // Units are whole, and so are the lines.
  const step = Math.max(
    1,
    nice.find((size) => size >= rough && Number.isInteger(size)) ?? Math.ceil(rough),
  )
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, index) => index * step)
}

/** The path of a step line. */
export const stepPath = (points: readonly Point[], { x, y }: Scale): string =>
  points
    .map(({ at, total }, index) =>
      index === 0 ? `M${round(x(at))} ${round(y(total))}` : `H${round(x(at))}V${round(y(total))}`,
    )
    .join('')

const round = (value: number): string => value.toFixed(1)

/** Marks of one kind that lie closer than this are drawn as one. */
const MARK_WIDTH = 10

/** A mark to draw: one movement, or several that lie too close to be told apart. */
export interface DrawnMark {
  readonly kind: MarkKind
  /** When the first of them was. */
  readonly since: number
  readonly at: number
  readonly total: number
  readonly delta: number
}

/** Joins marks of a kind that would lie on top of each other; the last of them says where. */
export const drawnMarks = (marks: readonly Mark[], { x }: Scale): DrawnMark[] => {
  const drawn: DrawnMark[] = []
  for (const { kind, at, total, delta } of marks) {
    const index = drawn.findLastIndex((mark) => mark.kind === kind)
    const before = drawn[index]
    if (before !== undefined && x(at) - x(before.since) < MARK_WIDTH) {
      drawn[index] = { ...before, at, total, delta: before.delta + delta }
    } else {
      drawn.push({ kind, since: at, at, total, delta })
    }
  }
  return drawn
}

/** At most so many points are drawn; what is between them is thinner than a line. */
const MOST_POINTS = 400

/** Leaves out points that nobody could see, and none of the lowest and highest. */
export const thinned = (points: readonly Point[]): readonly Point[] => {
  if (points.length <= MOST_POINTS) return points
  const size = Math.ceil((points.length * 4) / MOST_POINTS)
  const kept = new Set<Point>()
  for (let start = 0; start < points.length; start += size) {
    const group = points.slice(start, start + size)
    const byTotal = group.toSorted((a, b) => a.total - b.total)
    for (const point of [group[0], byTotal[0], byTotal.at(-1), group.at(-1)]) {
      if (point !== undefined) kept.add(point)
    }
  }
  return points.filter((point) => kept.has(point))
}

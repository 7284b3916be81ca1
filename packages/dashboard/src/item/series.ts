import type { Movement as PastMovement } from '@uzima/contracts'

/** The total from a moment on. */
export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly total: number
}

export type MarkKind = 'receipt' | 'consumption' | 'write-off' | 'count'

/** What happened at one moment, by kind. */
export interface Mark {
  readonly kind: MarkKind
  readonly at: number
  /** What it changed: below 0 for what left. */
  readonly delta: number
  /** The total afterwards. */
  readonly total: number
}

/** The total of an item over a time. */
export interface Series {
  readonly from: number
  readonly to: number
  /** Steps: each total holds until the next point. The first is at `from`, the last at `to`. */
  readonly points: readonly Point[]
  readonly marks: readonly Mark[]
}

const MARK_OF: Readonly<Partial<Record<PastMovement['type'], MarkKind>>> = {
  lot_added: 'receipt',
  consumed: 'consumption',
  disposed: 'write-off',
  adjusted: 'count',
}

/**
 * Draws the total between two moments from the item's history, newest first as the interface gives it. Where the history
 * does not reach back to `from`, the series begins where it does.
 */
export const seriesOf = (
  history: readonly PastMovement[],
  total: number,
  {
    from,
    to,
    complete,
  }: { readonly from: number; readonly to: number; readonly complete: boolean },
): Series => {
  const moved = history
    .filter(({ delta }) => delta !== 0)
    .map((movement) => ({ movement, at: Date.parse(movement.at) }))
    .toReversed()
  const within = moved.filter(({ at }) => at >= from && at <= to)
  const earlier = moved.findLast(({ at }) => at < from)
  const first = within[0]
  // Before the oldest movement there was no such item; or nobody has read what there was.
  const isUnknown = earlier === undefined && first !== undefined
  const begin = isUnknown && (!complete || first.movement.before === 0) ? first.at : from
  const atFirst = earlier?.movement.after ?? first?.movement.before ?? total
  const steps = within.map(({ movement, at }) => ({ at, total: movement.after }))
  const last = steps.at(-1)?.total ?? atFirst
  return {
    from: begin,
    to,
    points: [{ at: begin, total: atFirst }, ...steps, { at: to, total: last }],
    marks: within.flatMap(({ movement, at }): Mark[] => {
      const kind = MARK_OF[movement.type]
      return kind === undefined ? [] : [{ kind, at, delta: movement.delta, total: movement.after }]
    }),
  }
}

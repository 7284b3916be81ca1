import type { System, SystemNode } from '@uzima/contracts'

/** What the pictures show; the names are those of the words, too. */
export const FIGURES = ['connections', 'eventsPerSecond', 'deliveryMs', 'logAgeMs'] as const
export type Figure = (typeof FIGURES)[number]

/** A value for each step, oldest first, all of one length; null where nothing was measured. */
export interface Timeline {
  /** The end of the last step. */
  readonly until: number
  readonly everyMs: number
  readonly values: Readonly<Record<Figure, readonly (number | null)[]>>
}

/**
 * The service as one: connections of all nodes together; of the rest, which each node has of the one log, the worst. A node
 * that has started later, or whose last step ended later, stands where it belongs in time.
 */
export const timelineOf = ({ nodes }: System): Timeline => {
  const everyMs = Math.max(1, ...nodes.map(({ series }) => series.everyMs))
  const slots = new Map<number, Readonly<Record<Figure, number | null>>>()
  for (const { series } of nodes) {
    const last = Math.round(Date.parse(series.until) / everyMs)
    for (const index of series.connections.keys()) {
      const slot = last - (series.connections.length - 1 - index)
      slots.set(slot, combine(slots.get(slot), valuesAt(series, index)))
    }
  }
  const first = Math.min(...slots.keys())
  const end = Math.max(...slots.keys())
  const steps =
    slots.size === 0 ? [] : Array.from({ length: end - first + 1 }, (_, index) => first + index)
  const read = (figure: Figure) => steps.map((slot) => slots.get(slot)?.[figure] ?? null)
  return {
    until: end * everyMs,
    everyMs,
    values: {
      connections: read('connections'),
      eventsPerSecond: read('eventsPerSecond'),
      deliveryMs: read('deliveryMs'),
      logAgeMs: read('logAgeMs'),
    },
  }
}

type Values = Readonly<Record<Figure, number | null>>

const valuesAt = (series: SystemNode['series'], index: number): Values => ({
  connections: series.connections[index] ?? null,
  eventsPerSecond: series.eventsPerSecond[index] ?? null,
  deliveryMs: series.deliveryMs[index] ?? null,
  logAgeMs: series.logAgeMs[index] ?? null,
})

const combine = (one: Values | undefined, other: Values): Values =>
  one === undefined
    ? other
    : {
        connections: (one.connections ?? 0) + (other.connections ?? 0),
        eventsPerSecond: larger(one.eventsPerSecond, other.eventsPerSecond),
        deliveryMs: larger(one.deliveryMs, other.deliveryMs),
        logAgeMs: larger(one.logAgeMs, other.logAgeMs),
      }

const larger = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other)

/** The last value that was measured; null where none was. */
export const latest = (values: readonly (number | null)[]): number | null =>
  values.findLast((value) => value !== null) ?? null

/** Least and most; undefined where nothing was measured. */
export const extent = (
  values: readonly (number | null)[],
): { readonly least: number; readonly most: number } | undefined => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? undefined : { least: Math.min(...known), most: Math.max(...known) }
}

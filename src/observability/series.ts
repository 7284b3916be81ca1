import type { SystemSeries } from '@uzima/contracts'

/** What a node measures of itself, in memory, for those who look at it now; Prometheus keeps the long run. */
export interface Series {
  /** An entry was handed to the sockets so long after its COMMIT. */
  readonly delivered: (afterMs: number) => void
  /** The age of the log as of now; the most of a step counts. Infinite where it is unknown. */
  readonly aged: (ageMs: number) => void
  /** Ends the step under way; beyond `keep` the oldest goes. */
  readonly step: (at: Date, connections: number) => void
  /** The steps that have ended. */
  readonly read: () => SystemSeries
}

export interface SeriesOptions {
  readonly startedAt: Date
  readonly everyMs: number
  readonly keep: number
}

/** Of more deliveries than this in a step, as many are drawn by chance. */
const MAX_SAMPLES = 1_000

export const createSeries = ({ startedAt, everyMs, keep }: SeriesOptions): Series => {
  const steps: Step[] = []
  let until = startedAt
  let delays: number[] = []
  let events = 0
  let oldestMs = 0

  return {
    delivered: (afterMs) => {
      events += 1
      // Algorithm R: each of them is as likely to stay.
      const place = delays.length < MAX_SAMPLES ? delays.length : Math.floor(Math.random() * events)
      if (place < MAX_SAMPLES) delays[place] = afterMs
    },
    aged: (ageMs) => {
      oldestMs = Math.max(oldestMs, ageMs)
    },
    step: (at, connections) => {
      until = at
      steps.push({
        connections,
        eventsPerSecond: rounded((events * 1_000) / everyMs),
        deliveryMs: percentile95(delays),
        logAgeMs: Number.isFinite(oldestMs) ? Math.round(oldestMs) : null,
      })
      if (steps.length > keep) steps.shift()
      delays = []
      events = 0
      oldestMs = 0
    },
    read: () => ({
      until: until.toISOString(),
      everyMs,
      connections: steps.map((step) => step.connections),
      eventsPerSecond: steps.map((step) => step.eventsPerSecond),
      deliveryMs: steps.map((step) => step.deliveryMs),
      logAgeMs: steps.map((step) => step.logAgeMs),
    }),
  }
}

interface Step {
  readonly connections: number
  readonly eventsPerSecond: number
  readonly deliveryMs: number | null
  readonly logAgeMs: number | null
}

const percentile95 = (values: readonly number[]): number | null => {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.ceil(sorted.length * 0.95) - 1]
  return value === undefined ? null : rounded(value)
}

/** To a tenth: more would be noise on the wire. */
const rounded = (value: number): number => Math.round(value * 10) / 10

import { cpuSeconds } from '../../e2e/rig/machine.js'
import type { Comparison } from '../frame/figure.js'

/** The middle of the values; of an even number, the mean of the two in the middle; NaN where there is none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const low = sorted[Math.floor(middle)] ?? Number.NaN
  const high = sorted[Math.ceil(middle)] ?? Number.NaN
  return (low + high) / 2
}

/**
 * The median of `a / b`, round by round: what disturbs a round disturbs both. The second figure is the first one unless it
 * is named.
 */
export const ratioOf = (
  first: Comparison,
  a: string,
  ...second: [b: string] | [second: Comparison, b: string]
): number => {
  const [other, b] = second.length === 1 ? [first, second[0]] : second
  const below = other.samples[b] ?? []
  return median(
    (first.samples[a] ?? []).map((value, round) => value / (below[round] ?? Number.NaN)),
  )
}

/** A figure to collect samples of, round by round. */
export interface Collector {
  readonly add: (name: string, value: number) => void
  readonly comparison: () => Comparison
}

export const collect = (
  what: string,
  unit: string,
  better: Comparison['better'],
  isAside = false,
): Collector => {
  const samples: Record<string, number[]> = {}
  return {
    add: (name, value) => {
      ;(samples[name] ??= []).push(value)
    },
    comparison: () => ({ what, unit, better, isAside, samples }),
  }
}

/** What some work took. */
export interface Cost {
  readonly seconds: number
  /** CPU of the server. */
  readonly cpuSeconds: number
  /** CPU of this process, that is, of the clients. */
  readonly loadSeconds: number
}

/** Measures the CPU of the process `pid`, our own, and the time on the wall, until `work` is done. */
export const costOf = async (pid: number, work: () => Promise<unknown>): Promise<Cost> => {
  const [own, cpu, from] = [process.cpuUsage(), cpuSeconds([pid]), performance.now()]
  await work()
  const seconds = (performance.now() - from) / 1_000
  const { user, system } = process.cpuUsage(own)
  return { seconds, cpuSeconds: cpuSeconds([pid]) - cpu, loadSeconds: (user + system) / 1e6 }
}

import type { Facts } from '../checker/facts.js'
import { summarise, type Summary } from '../../rig/statistics.js'

// What a fault has delayed is still on its way for a while after it.
const AFTERMATH_MS = 3_000
// What was committed right before a fault meets it on its way.
const AHEAD_MS = 1_000

export interface LiveDelivery {
  /** When it was committed, on the history's clock. */
  readonly committedAt: number
  readonly latencyMs: number
  readonly condition: string
}

/** Deliveries to connections that were there at the commit: what `resume` brought is another matter. */
export const liveDeliveries = function* (facts: Facts): Generator<LiveDelivery> {
  const conditions = new Map<number, string>()
  for (const entry of facts.dump.log) {
    conditions.set(entry.seq, conditionAt(facts.committedAt(entry), facts))
  }
  for (const { connected, records, attempt } of facts.attempts.values()) {
    if (connected === undefined || attempt.kind === 'slow') continue
    for (const record of records) {
      if (record.op !== 'packet') continue
      const entry = facts.entries.get(record.seq)
      if (entry === undefined) continue
      const committedAt = facts.committedAt(entry)
      if (committedAt < connected.t) continue
      const latencyMs = record.t - committedAt
      yield { committedAt, latencyMs, condition: conditions.get(record.seq) ?? 'healthy' }
    }
  }
}

/** Latency by what was broken when the event was committed. */
export const latencies = (facts: Facts): Record<string, Summary> => {
  const values: Record<string, number[]> = {}
  for (const { condition, latencyMs } of liveDeliveries(facts)) {
    ;(values[condition] ??= []).push(latencyMs)
  }
  return Object.fromEntries(
    Object.entries(values)
      .sort()
      .map(([condition, all]) => [condition, summarise(all)]),
  )
}

const conditionAt = (t: number, { faults }: Facts): string => {
  const near = faults.filter(({ start, end }) => start - AHEAD_MS <= t && t <= end + AFTERMATH_MS)
  const affects = new Set(near.flatMap((fault) => fault.affects))
  if (affects.has('postgres')) return 'PostgreSQL broken'
  if (affects.has('node') || affects.has('clients')) return 'nodes or clients broken'
  return affects.has('redis') ? 'Redis broken' : 'healthy'
}

/** From the begin of a reconnection to the last event that it had missed, in ms. */
export const resumeTimes = (facts: Facts): number[] => {
  return [...facts.attempts.values()].flatMap(({ attempt, connected, records }) => {
    if (connected?.resumed !== true || attempt.kind === 'slow') return []
    const missed = records.findLast((record) => {
      const entry = record.op === 'packet' ? facts.entries.get(record.seq) : undefined
      return entry !== undefined && facts.committedAt(entry) < connected.t
    })
    return [(missed?.t ?? connected.t) - attempt.t]
  })
}

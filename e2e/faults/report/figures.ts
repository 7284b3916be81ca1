import { onlyInLines } from '../checker/audit.js'
import { crossingsOf } from '../checker/alerts.js'
import type { Verdict } from '../checker/check.js'
import { refusedTooLate } from '../checker/closing.js'
import { coverageOf, dueEntries, isCovered } from '../checker/delivery.js'
import type { Facts } from '../checker/facts.js'
import { reachedHead } from '../checker/liveness.js'
import { endsRight, isApplicationByte, lastByteBy } from '../checker/revocation.js'
import type { SelfTest } from '../checker/self-test.js'
import { latencies, resumeTimes } from './latency.js'
import { nemesesOf, type NemesisFigures } from './nemeses.js'
import { summarise, type Summary } from '../../rig/statistics.js'

/** The numbers of a run, as they are kept beside its report. */
export interface Figures {
  readonly seed: number
  readonly form: string
  readonly command: string
  readonly machine: string
  readonly date: string
  readonly invariants: Readonly<Record<string, number>>
  readonly selfTest: readonly SelfTest[]
  readonly durationS: number
  readonly deliveries: {
    readonly committed: number
    readonly due: number
    readonly bySnapshot: number
    readonly wireDuplicates: number
    readonly resets: Readonly<Record<string, number>>
  }
  readonly writes: {
    readonly acknowledged: number
    readonly refused: number
    readonly retried: number
    readonly undecided: number
  }
  readonly faults: Readonly<Record<string, number>>
  /** Commit to client of live events, in ms, by what was broken when they were committed. */
  readonly latencyMs: Readonly<Record<string, Summary>>
  readonly resumeMs: Summary
  readonly toHeadMs: Summary
  /** From the answer to the revocation to the last application byte, by the bound that held. */
  readonly revocationMs: Readonly<Record<string, Summary>>
  readonly crossings: number
  readonly ghostFrames: number
  readonly attempts: { readonly made: number; readonly onlyInLogLines: number }
  readonly closedBySlowness: number
  /** Who was refused as inactive while his node may not have known that he was back: how long after it, in ms. */
  readonly refusedTooLateMs?: Summary
  readonly exits: {
    readonly planned: number
    readonly unplanned: number
    readonly drainedWithCode0: number
  }
  readonly stranded: number
  readonly rssPeakMb: number
  /** Of runs that wait for the world after each fault; runs of before have none. */
  readonly nemeses?: Readonly<Record<string, NemesisFigures>>
}

export interface RunFacts {
  readonly seed: number
  readonly form: string
  readonly command: string
  readonly machine: string
}

/** Works the figures of a run out of its verdict. */
export const figuresOf = (
  verdict: Verdict,
  selfTest: readonly SelfTest[],
  run: RunFacts,
): Figures => {
  const { facts, counts } = verdict
  const { records } = facts.history
  const count = (test: (record: (typeof records)[number]) => boolean): number =>
    records.reduce((sum, record) => sum + (test(record) ? 1 : 0), 0)
  const verdictOf = (phase: string): number =>
    [...facts.writes.values()].filter((all) => all.some((record) => record.phase === phase)).length
  const resets: Record<string, number> = {}
  const faults: Record<string, number> = {}
  let rssPeakMb = 0
  for (const record of records) {
    if (record.op === 'reset') resets[record.reason] = (resets[record.reason] ?? 0) + 1
    if (record.op === 'memory') rssPeakMb = Math.max(rssPeakMb, record.rssMb)
  }
  for (const { kind } of facts.faults) faults[kind] = (faults[kind] ?? 0) + 1

  return {
    ...run,
    date: new Date(facts.history.startedAt).toISOString().slice(0, 16),
    invariants: counts,
    selfTest,
    durationS: Math.round((records.at(-1)?.t ?? 0) / 1_000),
    deliveries: { committed: facts.dump.head.seq, ...deliveriesOf(facts), resets },
    writes: {
      acknowledged: verdictOf('ok'),
      refused: verdictOf('refused'),
      retried: verdictOf('unknown'),
      undecided: [...facts.writes.values()].filter(
        (all) => !all.some(({ phase }) => phase === 'ok' || phase === 'refused'),
      ).length,
    },
    faults,
    latencyMs: latencies(facts),
    resumeMs: summarise(resumeTimes(facts)),
    toHeadMs: summarise(reachedHead(facts).map(({ afterMs }) => afterMs)),
    revocationMs: revocations(facts),
    crossings: crossingsOf(facts).length,
    ghostFrames: count(({ op }) => op === 'ghost'),
    attempts: { made: facts.attempts.size, onlyInLogLines: onlyInLines(facts) },
    closedBySlowness: facts.dump.attempts.filter(({ code }) => code === 'SLOW_CONSUMER').length,
    refusedTooLateMs: summarise(refusedTooLate(facts)),
    exits: {
      planned: count((record) => record.op === 'exit' && record.planned),
      unplanned: count((record) => record.op === 'exit' && !record.planned),
      drainedWithCode0: count((record) => record.op === 'exit' && record.code === 0),
    },
    stranded: count(({ op }) => op === 'stranded'),
    rssPeakMb,
    nemeses: nemesesOf(facts),
  }
}

const deliveriesOf = (
  facts: Facts,
): { due: number; bySnapshot: number; wireDuplicates: number } => {
  let due = 0
  let bySnapshot = 0
  let wireDuplicates = 0
  for (const client of facts.finals.keys()) {
    const records = facts.clients.get(client) ?? []
    const coverage = coverageOf(records)
    if (coverage === undefined) continue
    for (const { seq } of dueEntries(coverage, facts)) {
      due += 1
      if (!coverage.received.has(seq) && isCovered(coverage, seq)) bySnapshot += 1
    }
    const packets = records.filter(({ op }) => op === 'packet').length
    wireDuplicates += packets - coverage.received.size
  }
  return { due, bySnapshot, wireDuplicates }
}

/** For each connection whose right ended while it was open: when its last application byte came, after the answer. */
const revocations = (facts: Facts): Record<string, Summary> => {
  const times: Record<string, number[]> = {}
  const ended = facts.changes.filter(({ action }) => endsRight(action))
  for (const { attempt, connected, records } of facts.attempts.values()) {
    if (connected === undefined || attempt.tokenAt === null || attempt.kind === 'slow') continue
    const end = records.find(({ op }) => op === 'disconnected')?.t ?? Number.POSITIVE_INFINITY
    for (const change of ended) {
      const { userId, invokedAt, ackAt } = change
      if (userId !== attempt.userId || attempt.tokenAt >= invokedAt) continue
      if (end < invokedAt || connected.t > ackAt) continue
      const last = records.findLast(isApplicationByte)?.t ?? 0
      const { why } = lastByteBy(attempt.node, change, facts)
      times[why] = [...(times[why] ?? []), Math.max(0, last - ackAt)]
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([bound, values]) => [bound, summarise(values)]),
  )
}

import { crossingsOf } from '../../e2e/faults/checker/alerts.js'
import type { PlannedFault } from '../../e2e/faults/nemesis/schedule.js'
import type { Random } from '../../e2e/rig/random.js'
import type { RunResult } from '../../e2e/faults/run.js'
import { killEmbeddedStore } from '../../e2e/embedded-kills.js'
import type { Figure, Finding } from '../frame/figure.js'
import { grouped, summarise, told } from '../../e2e/rig/statistics.js'
import { runFaultRig } from './fault-run.js'

const CROWD = {
  raw: 4,
  stock: 2,
  slow: 0,
  ghosts: 0,
  writers: 8,
  sqlWriters: 2,
  subjects: 2,
  listeners: 4,
  items: 24,
  perSecond: 80,
  revokeEveryMs: 1_000_000_000,
  racing: 0,
} as const

const KINDS = ['node-kill', 'backend-kill', 'postmaster-kill', 'node-kill', 'backend-kill'] as const

// What was acknowledged and is not there, or twice, or refused and there; holes in the log; one key with two effects.
const WRITES = ['I5', 'I6', 'I9'] as const

/** Kills (-9) under load, on either store; then every acknowledged write must be there once. */
export const kills: Figure = {
  name: 'kills',
  run: async ({ random, sized }) => {
    const count = sized(100)
    const postgres = await runFaultRig('kills', {
      seed: random.int(1, 1_000_000),
      faults: planKills(random, count),
      size: CROWD,
    })
    const embedded = await killEmbeddedStore(count)
    return {
      findings: [postgresFinding(postgres, count), embeddedFinding(embedded)],
      raw: { postgres: rawOf(postgres), embedded },
    }
  },
}

const planKills = (random: Random, count: number): PlannedFault[] => {
  const kinds = Array.from({ length: Math.ceil(count / KINDS.length) }, () =>
    random.shuffled(KINDS),
  ).flat()
  return kinds.slice(0, count).map((kind, index) => ({
    id: index + 1,
    kind,
    node: random.int(0, 2),
    durationMs: random.int(0, 200),
    // Long enough that all writers write again.
    restMs: random.int(500, 900),
  }))
}

const phasesOf = ({
  verdict,
}: RunResult): { acknowledged: number; refused: number; retried: number } => {
  const counts = { acknowledged: 0, refused: 0, retried: 0 }
  for (const records of verdict.facts.writes.values()) {
    if (records.some(({ phase }) => phase === 'ok')) counts.acknowledged += 1
    if (records.some(({ phase }) => phase === 'refused')) counts.refused += 1
    if (records.some(({ phase }) => phase === 'unknown')) counts.retried += 1
  }
  return counts
}

const postgresFinding = (result: RunResult, count: number): Finding => {
  const { counts, violations, facts } = result.verdict
  const { acknowledged, refused, retried } = phasesOf(result)
  const breaches = WRITES.reduce((sum, id) => sum + (counts[id] ?? 0), 0)
  const others = violations.filter(({ invariant }) => !WRITES.some((id) => id === invariant))
  const kinds = ['node-kill', 'backend-kill', 'postmaster-kill'].map(
    (kind) => `${String(facts.faults.filter((fault) => fault.kind === kind).length)} ${kind}`,
  )
  const first = violations[0]
  return {
    figure:
      'Acknowledged writes lost or doubled, refused ones found, holes in the log: kills (-9) on PostgreSQL, three nodes, REST writers with idempotency keys and plain SQL',
    goal: `0 over ${String(count)} kills`,
    measured:
      `${String(breaches)} over ${String(facts.faults.length)} kills (${kinds.join(', ')}): ${grouped(acknowledged)} acknowledged writes, ` +
      `${grouped(refused)} refused or rolled back, ${grouped(retried)} had no answer and were asked again with their key; log 1 to ` +
      `${grouped(facts.dump.head.seq)}. All other invariants of the fault checker: ${String(others.length)} breaches`,
    met: violations.length === 0 && facts.faults.length === count && acknowledged > 0,
    ...(first === undefined ? {} : { remark: `${first.invariant}: ${first.detail}` }),
  }
}

type EmbeddedKills = Awaited<ReturnType<typeof killEmbeddedStore>>

const embeddedFinding = ({
  kills,
  acknowledged,
  lost,
  unasked,
  problems,
  openMs,
}: EmbeddedKills): Finding => ({
  figure: 'The same on the embedded store (PGlite), one node, killed while four writers write',
  goal: `0 over ${String(kills)} kills`,
  measured:
    `${String(lost.length)} lost over ${String(kills)} kills: ${grouped(acknowledged)} acknowledged writes, ${String(unasked.length)} found ` +
    `that nobody asked for, ${String(problems.length)} problems in log, totals and audit chain. Ready again: ${told(summarise(openMs))}`,
  met: lost.length + unasked.length + problems.length === 0 && acknowledged > 0,
  ...(problems[0] === undefined ? {} : { remark: problems[0] }),
})

const rawOf = (result: RunResult): unknown => ({
  ...phasesOf(result),
  counts: result.verdict.counts,
  violations: result.verdict.violations,
  crossings: crossingsOf(result.verdict.facts).length,
  faults: result.verdict.facts.faults.map(({ kind, start, end }) => ({ kind, start, end })),
})

import { isFeed, mayReceive } from '../feeds.js'
import type { ClientEntry, Facts, OpOf } from './facts.js'
import type { Violation } from './violation.js'

/** I1 to I4: what clients received, compared with the log. */
export const checkDelivery = (facts: Facts): Violation[] => {
  return [...facts.clients].flatMap(([client, records]) => [
    ...lost(client, records, facts),
    ...appliedTwice(client, records),
    ...phantoms(client, records, facts),
    ...inversions(client, records),
  ])
}

/** How the position of a client moved, and what it need not have received. */
export interface Coverage {
  readonly userId: string
  readonly from: number
  /** When each number was received first. */
  readonly received: ReadonlyMap<number, number>
  /** Ranges that a snapshot stood for: above the first, up to the second. */
  readonly snapshots: readonly (readonly [number, number])[]
  /** Numbers received and when, in the order of the log: to find when the client had passed an entry. */
  readonly passed: readonly (readonly [seq: number, t: number])[]
}

/** Undefined for clients that follow nothing: ghosts and racers, and those that were never let in. */
export const coverageOf = (records: readonly ClientEntry[]): Coverage | undefined => {
  const attempt = records.find((record): record is OpOf<'attempt'> => record.op === 'attempt')
  const first = records.find((record): record is OpOf<'connected'> => record.op === 'connected')
  if (attempt?.userId == null || attempt.kind === 'racer' || first === undefined) return undefined
  const received = new Map<number, number>()
  const snapshots: (readonly [number, number])[] = []
  let position = first.position.seq
  let gapFrom = position
  for (const record of records) {
    if (record.op === 'packet') {
      if (!received.has(record.seq)) received.set(record.seq, record.t)
      if (record.applied) position = record.seq
    } else if (record.op === 'reset' || record.op === 'role') {
      gapFrom = Math.min(gapFrom, position)
    } else if (record.op === 'snapshot') {
      snapshots.push([gapFrom, record.position.seq])
      position = Math.max(record.position.seq, record.applied.at(-1) ?? 0)
      gapFrom = Number.POSITIVE_INFINITY
    }
  }
  const { userId } = attempt
  const passed = [...received].sort(([a], [b]) => a - b)
  return { userId, from: first.position.seq, received, snapshots, passed }
}

/**
 * Every entry that a client was due: any role that its user had from the entry's number until the client passed it may
 * receive it. Who resumes after a demotion passes what was numbered before it with his new role, so the head of that time
 * counts. While he was nobody he passed nothing: what was committed then is due when he is back.
 */
export const dueEntries = function* (
  { userId, from, passed }: Coverage,
  facts: Facts,
): Generator<{ readonly seq: number; readonly name: string }> {
  const until = facts.dump.head.seq
  let index = 0
  for (const { seq, name } of facts.dump.log) {
    if (seq <= from || seq > until || !isFeed(name)) continue
    while ((passed[index]?.[0] ?? Number.POSITIVE_INFINITY) <= seq) index += 1
    const roles = facts
      .rolesBetween(userId, seq, passedBy(passed[index], facts) ?? until)
      .filter((role) => role !== undefined)
    if (roles.length > 0 && roles.every((role) => mayReceive(name, role))) yield { seq, name }
  }
}

/** Newest number that may have counted when a later one was received. */
const passedBy = (
  passed: readonly [seq: number, t: number] | undefined,
  { headAt }: Facts,
): number | undefined => passed && Math.max(passed[0], headAt(passed[1]))

export const isCovered = ({ snapshots }: Coverage, seq: number): boolean =>
  snapshots.some(([above, upTo]) => seq > above && seq <= upTo)

const lost = (client: string, records: readonly ClientEntry[], facts: Facts): Violation[] => {
  const coverage = coverageOf(records)
  // A client without a final record was taken away before the end.
  if (coverage === undefined || !facts.finals.has(client)) return []
  const found: Violation[] = []
  for (const { seq, name } of dueEntries(coverage, facts)) {
    if (coverage.received.has(seq) || isCovered(coverage, seq)) continue
    found.push({ invariant: 'I1', detail: `${client} never received ${String(seq)} (${name})` })
  }
  return found
}

const appliedTwice = (client: string, records: readonly ClientEntry[]): Violation[] => {
  const applied = new Set<number>()
  return records.flatMap((record) => {
    let seqs: readonly number[] = []
    if (record.op === 'packet' && record.applied) seqs = [record.seq]
    if (record.op === 'snapshot') seqs = record.applied
    return seqs.flatMap((seq) => {
      if (!applied.has(seq)) {
        applied.add(seq)
        return []
      }
      return [{ invariant: 'I2', detail: `${client} applied ${String(seq)} twice` }]
    })
  })
}

const phantoms = (client: string, records: readonly ClientEntry[], facts: Facts): Violation[] => {
  return records.flatMap((record) => {
    if (record.op !== 'packet') return []
    const entry = facts.entries.get(record.seq)
    if (entry?.name === record.name && entry.hash === record.hash) return []
    const what = entry === undefined ? 'which was never committed' : 'with another content'
    return [{ invariant: 'I3', detail: `${client} received ${String(record.seq)}, ${what}` }]
  })
}

/** On one connection numbers only grow: also what is sent twice is out of order there. */
const inversions = (client: string, records: readonly ClientEntry[]): Violation[] => {
  const last = new Map<string, number>()
  return records.flatMap((record) => {
    if (record.op !== 'packet') return []
    const before = last.get(record.attempt) ?? 0
    last.set(record.attempt, Math.max(before, record.seq))
    if (record.seq > before) return []
    const detail = `${client} received ${String(record.seq)} after ${String(before)}`
    return [{ invariant: 'I4', detail }]
  })
}

import type { Random } from '../rig/random.js'
import type { Entry } from './facts.js'
import type { Fault } from './nemesis.js'
import type { Attempt, Recording } from './recording.js'
import { allows, countUpTo, stateAt, type Rights } from './rights.js'

/** Of an answer of `GET /api/explain`, what is held against oracle and recording. */
export interface Explained {
  readonly allowed: boolean | null
  readonly verdict: string
  readonly reason: string
}

export interface ExplainVerdict {
  /** Undefined where the answer is right. */
  readonly problem: string | undefined
  /** Such as `written` or `unknown node_lost`; what was under way when a connection ended is told apart. */
  readonly counted: string
}

/** Numbers to ask about: just before, at and after edges of what the user may see, and any. */
export const pickEntries = (
  random: Random,
  entries: readonly Entry[],
  { states }: Rights,
  count: number,
): Entry[] => {
  const edges = states.filter((state, index) => {
    const before = states[index - 1]
    return (
      allows(state, 'stock') !== allows(before, 'stock') ||
      allows(state, 'low') !== allows(before, 'low')
    )
  })
  const picked = new Map<number, Entry>()
  for (let tries = 0; picked.size < count && tries < 10 * count; tries += 1) {
    const entry =
      edges.length > 0 && random.chance(0.75)
        ? entries[countUpTo(entries, random.pick(edges).seq) + random.int(-2, 1)]
        : random.pick(entries)
    if (entry !== undefined && entry.seq > (states[0]?.seq ?? 0)) picked.set(entry.seq, entry)
  }
  return [...picked.values()]
}

/** Longest time before a death of a node of which it may have written nothing, and after it in which it is not known to be dead. */
const BEFORE_DEATH_MS = 10_000
const AFTER_DEATH_MS = 10_000
/** A node puts on record once a second what was sent, some seconds late where it is busy. */
const LAST_WORDS_MS = 5_000
/** So near to the beginning of a connection, it is not on record which rights it began with. */
const NEAR_MS = 1_500
const REPLAY_MS = 4_000

/** Holds an answer about `entry` against what the user was allowed and what his client received. */
export const checkExplained = (
  { attempts, snapshots }: Recording,
  rights: Rights,
  entry: Entry,
  { allowed, verdict, reason }: Explained,
  faults: readonly Fault[],
): ExplainVerdict => {
  const { seq, feed } = entry
  const at = entry.at / 1_000
  const { states } = rights
  const isAllowed = allows(stateAt(states, seq), feed)
  const receiving = attempts.filter(({ seqs }) => seqs.includes(seq))
  const isReceived = receiving.length > 0
  const counted = verdict === 'unknown' ? `unknown ${reason}` : verdict
  const wrong = (why: string): ExplainVerdict => ({
    problem: `explain says ${verdict} (${reason}, allowed ${String(allowed)}) of ${String(seq)} (${feed}): ${why}`,
    counted,
  })
  const right: ExplainVerdict = { problem: undefined, counted }

  if (allowed !== null && allowed !== isAllowed) return wrong(`allowed is ${String(isAllowed)}`)
  switch (verdict) {
    case 'applied':
    case 'written': {
      if (isReceived) return right
      const wasUnderWay = attempts.some(
        ({ seqs, asked, endedAt }) =>
          endedAt !== undefined &&
          endedAt >= at - 50 &&
          Math.max(seqs.at(-1) ?? 0, asked ?? 0) < seq,
      )
      if (wasUnderWay) return { problem: undefined, counted: `${verdict}, under way at the end` }
      if (snapshots.some((upTo) => upTo >= seq)) {
        return { problem: undefined, counted: `${verdict}, read in a snapshot` }
      }
      return wrong('the client did not receive it')
    }
    case 'not_allowed':
    case 'ended':
    case 'not_connected':
      if (isReceived) {
        const cause = receiving.map((one) => whyUnrecorded(one, seq, faults)).find(Boolean)
        if (cause === undefined) return wrong('the client received it')
        return { problem: undefined, counted: `${verdict}, received ${cause}` }
      }
      if (isAllowed === (verdict !== 'not_allowed')) return right
      return wrong(isAllowed ? 'he was allowed' : 'he was not allowed')
    default:
      return isUnknowable(reason, at, attempts, rights, faults)
        ? right
        : wrong('there is no cause for it')
  }
}

/**
 * Why it is not on record that a connection was sent `seq`, as the documents say: the client dropped the connection within the
 * second or two in which it was sent, or the node died. Undefined where it should be on record.
 */
const whyUnrecorded = (
  { node, seqs, times, connectedAt = 0, endedAt = Number.POSITIVE_INFINITY }: Attempt,
  seq: number,
  faults: readonly Fault[],
): string | undefined => {
  const arrivedAt = times[seqs.indexOf(seq)] ?? 0
  const hasDied = faults.some(
    ({ kind, node: of, at }) =>
      kind === 'kill' && of === node && at >= connectedAt && at - arrivedAt < LAST_WORDS_MS,
  )
  if (hasDied) return 'just before its node died'
  return endedAt - arrivedAt < LAST_WORDS_MS ? 'just before the connection ended' : undefined
}

/** Whether a death of a node, a client that left, or a change of rights beside a connection's beginning is a cause not to know. */
const isUnknowable = (
  reason: string,
  at: number,
  attempts: readonly Attempt[],
  { states }: Rights,
  faults: readonly Fault[],
): boolean => {
  // What arrived last before a client left is not on record, either.
  const hasJustLeft = attempts.some(
    ({ code, endedAt = 0 }) =>
      code === 'left' && endedAt >= at - NEAR_MS && endedAt - at < LAST_WORDS_MS,
  )
  if (reason === 'record_missing' && hasJustLeft) return true
  // Until others take the node for dead, its end is not on record.
  if (['node_lost', 'record_missing', 'not_yet_recorded'].includes(reason)) {
    return faults.some(
      (fault) =>
        fault.kind === 'kill' &&
        ((at >= fault.at - BEFORE_DEATH_MS && at <= fault.at + AFTER_DEATH_MS) ||
          attempts.some(
            ({ node, startedAt, endedAt = Number.POSITIVE_INFINITY }) =>
              node === fault.node && startedAt <= fault.at && endedAt >= fault.at - BEFORE_DEATH_MS,
          )),
    )
  }
  if (reason !== 'rights_moved') return false
  return attempts.some(({ startedAt, connectedAt, endedAt }) =>
    states.some(
      (state) =>
        state.at >= startedAt - NEAR_MS &&
        state.at <= (connectedAt ?? endedAt ?? startedAt) + REPLAY_MS,
    ),
  )
}

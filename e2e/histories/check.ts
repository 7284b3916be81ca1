import type { Entry } from './facts.js'
import type { Attempt, Recording } from './recording.js'
import { allows, countUpTo, stateAt, type Rights, type State } from './rights.js'

/** What a client received and did not, held against the user's rights. */
export interface DeliveryVerdict {
  /** Received without a right. */
  readonly forbidden: readonly string[]
  /** Not received, and nothing but a fault explains it. */
  readonly missing: readonly string[]
  /** Twice, out of order, or no entry of the log. */
  readonly disordered: readonly string[]
  readonly received: number
  readonly required: number
  /** Sent again while a right changed: may be there, may be not. */
  readonly either: number
}

/** Between a time on record and the moment at which everybody sees what is on record. */
const SLACK_MS = 250
/** So long after it was let in, a client may still be sent what it had missed. */
const REPLAY_MS = 4_000

/** Judges the client of a history. `entries` are all of the round, in order. */
export const checkDeliveries = (
  { attempts, snapshots }: Recording,
  { states }: Rights,
  entries: readonly Entry[],
): DeliveryVerdict => {
  const forbidden: string[] = []
  const missing: string[] = []
  const disordered: string[] = []
  const received = new Set<number>()
  let required = 0
  let either = 0

  const find = (seq: number): Entry | undefined => {
    const entry = entries[countUpTo(entries, seq) - 1]
    return entry?.seq === seq ? entry : undefined
  }

  for (const attempt of attempts) {
    let last = Math.max(attempt.asked ?? 0, attempt.position ?? 0)
    for (const [index, seq] of attempt.seqs.entries()) {
      const at = attempt.times[index] ?? 0
      const entry = find(seq)
      if (entry === undefined) disordered.push(`${String(seq)} is no entry of this round`)
      else if (!mayArrive(entry, at, attempt, states)) {
        forbidden.push(`${String(seq)} (${entry.feed}) at ${String(at)}`)
      }
      if (seq <= last || received.has(seq)) {
        disordered.push(`${String(seq)} after ${String(last)}`)
      }
      last = seq
      received.add(seq)
    }
  }

  const isInSnapshot = (seq: number): boolean => snapshots.some((upTo) => seq <= upTo)

  /** What the client passed over: behind `from`, before `to`, of which it now knows that nothing more comes. */
  const passOver = (from: number, to: number, until: number, attempt: Attempt): void => {
    for (let index = countUpTo(entries, from); index < entries.length; index += 1) {
      const entry = entries[index]
      if (entry === undefined || entry.seq >= to) return
      if (received.has(entry.seq) || isInSnapshot(entry.seq)) continue
      if (!allows(stateAt(states, entry.seq), entry.feed)) continue
      if (mayBeLeftOut(entry, until, attempt, states)) either += 1
      else missing.push(`${String(entry.seq)} (${entry.feed})`)
    }
  }

  for (const attempt of attempts) {
    if (attempt.connectedAt === undefined) continue
    let position = attempt.position ?? attempt.asked ?? 0
    const resets = [...attempt.resets]
    for (const [index, seq] of attempt.seqs.entries()) {
      const at = attempt.times[index] ?? 0
      while ((resets[0]?.at ?? Number.POSITIVE_INFINITY) <= at) {
        position = Math.max(position, resets.shift()?.seq ?? 0)
      }
      passOver(position, seq, at, attempt)
      position = Math.max(position, seq)
    }
    for (const { seq } of resets) position = Math.max(position, seq)
    if (attempt.endedAt === undefined) {
      passOver(position, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, attempt)
    }
  }
  for (const seq of received) {
    const entry = find(seq)
    if (entry !== undefined && allows(stateAt(states, seq), entry.feed)) required += 1
  }
  return {
    forbidden,
    missing,
    disordered,
    received: received.size,
    required: required + missing.length,
    either,
  }
}

/** The states after `entry` that held at some time between the beginning of the attempt and `until`. */
const during = (
  { seq }: Entry,
  until: number,
  { startedAt }: Attempt,
  states: readonly State[],
): State[] =>
  states.filter(
    (state, index) =>
      state.seq > seq &&
      state.at <= until + SLACK_MS &&
      (states[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= startedAt - SLACK_MS,
  )

/** By the rights at its number; what is sent again, by those of that moment. */
const mayArrive = (entry: Entry, at: number, attempt: Attempt, states: readonly State[]): boolean =>
  allows(stateAt(states, entry.seq), entry.feed) ||
  during(entry, at, attempt, states).some((state) => allows(state, entry.feed))

const mayBeLeftOut = (
  entry: Entry,
  until: number,
  attempt: Attempt,
  states: readonly State[],
): boolean =>
  entry.at / 1_000 <= (attempt.connectedAt ?? 0) + REPLAY_MS &&
  during(entry, until, attempt, states).some((state) => !allows(state, entry.feed))

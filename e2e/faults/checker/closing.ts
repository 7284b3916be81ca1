import { hits, type AttemptFacts, type Facts, type FaultWindow } from './facts.js'
import { backSince, hadEnded } from './rights.js'
import type { Violation } from './violation.js'

/** How one session ended, and whether it had to. */
export interface Ending {
  readonly attempt: string
  readonly node: string
  readonly t: number
  /** What `session:closing` said; else how the connection was lost. */
  readonly code: string
  /** Why it was no wrong; undefined where nothing on record excuses it. */
  readonly excuse: string | undefined
}

/** `AUTH_CLOSE_AFTER_MS` of the nodes, less what they need to ask the database once more. */
const CLOSES_AFTER_MS = 57_000
// Clocks of what is recorded differ by what this process was late.
const NEAR_MS = 5_000
const AFTERMATH_MS = 2_000
/** Who was told that only another token helps is waited for longer than the world takes to come back. */
const LASTS_MS = 10_000
/** Engine.io: `pingInterval` and `pingTimeout` together. */
const SILENCE_MS = 45_000
/** Of a node that was last heard just before the next ping was due, a client may hear nothing for so long only. */
const PING_TIMEOUT_MS = 20_000

const OF_RIGHTS = new Set(['AUTH_SESSION_REVOKED', 'AUTH_USER_INACTIVE', 'AUTH_USER_UNKNOWN'])
const DRAINS = new Set(['rolling-restart', 'node-term-twice', 'clock-skew'])
const CUTS = new Set(['clients-cut', 'blackhole-clients'])
const OWN_DOING = /^(?:stopped|left|answered|vanished|io client disconnect)$/
/** These read all the time, so they must be told. */
const READERS = new Set(['raw', 'package', 'newcomer'])

/** The ends of all sessions but those that the client ended itself. */
export const endingsOf = (facts: Facts): Ending[] =>
  [...facts.attempts.values()].flatMap((one) => {
    const end = endOf(one)
    if (end === undefined) return []
    const { attempt, node } = one.attempt
    return [{ attempt, node, ...end, excuse: excuseOf(one, end, facts) }]
  })

/** I19: nobody whose right was good all the time is closed, or refused for good, without a reason of the list. */
export const checkClosing = (facts: Facts): Violation[] => [
  ...endingsOf(facts).flatMap(({ attempt, node, t, code, excuse }) =>
    excuse === undefined
      ? [
          {
            invariant: 'I19',
            detail: `${attempt} was closed by ${node} with ${code} at ${seconds(t)}${during(t, facts)}`,
          },
        ]
      : [],
  ),
  ...[...facts.attempts.values()].flatMap((one) => {
    const { refused, attempt } = one
    if (refused === undefined || attempt.tokenAt === null || !OF_RIGHTS.has(refused.code)) return []
    if (refusalExcuse(one, facts) !== undefined) return []
    const detail = `${attempt.attempt} was refused by ${attempt.node} with ${refused.code} at ${seconds(refused.t)}${during(refused.t, facts)}`
    return [{ invariant: 'I19', detail }]
  }),
]

const endOf = ({
  attempt,
  connected,
  records,
}: AttemptFacts): { readonly t: number; readonly code: string } | undefined => {
  if (connected === undefined || attempt.userId === null) return undefined
  for (const record of records) {
    if (record.op === 'closing') return { t: record.t, code: record.code }
    if (record.op === 'disconnected') {
      return OWN_DOING.test(record.reason) ? undefined : { t: record.t, code: record.reason }
    }
  }
  return undefined
}

const excuseOf = (
  one: AttemptFacts,
  { t, code }: { readonly t: number; readonly code: string },
  facts: Facts,
): string | undefined => {
  const { node, kind } = one.attempt
  const open = facts.faults.filter(
    (fault) => hits(fault, node) && fault.start - AFTERMATH_MS <= t && t <= overAt(fault),
  )
  const drains = open.some((fault) => DRAINS.has(fault.kind))
  if (OF_RIGHTS.has(code)) return rightHadEnded(one, t, facts) ? 'right ended' : undefined
  if (code === 'AUTH_STALE') {
    if (open.some(isUnconfirmedUntil(t))) return 'unconfirmed for 60 s'
    return open.some(hidAbsence(one, facts))
      ? 'was not active when his node could not hear it'
      : undefined
  }
  if (code === 'SERVER_DRAINING') return drains ? 'node drained' : undefined
  if (kind === 'slow') return 'slow'
  if (open.some((fault) => CUTS.has(fault.kind))) return 'cut off'
  // Only a client says this, of a node that it has heard nothing of.
  if (code.endsWith('ping timeout')) {
    const isSilent = ({ kind, start }: FaultWindow): boolean =>
      kind === 'node-pause-long' && t - start >= PING_TIMEOUT_MS - NEAR_MS
    return open.some(isSilent) ? 'heard nothing' : undefined
  }
  // Another code is for somebody who did something wrong, and nobody here does.
  if (/^[A-Z_]+$/.test(code)) return undefined
  if (rightHadEnded(one, t, facts)) return 'right ended'
  const cut = facts.faults.some(
    (fault) =>
      CUTS.has(fault.kind) && hits(fault, node) && fault.end + SILENCE_MS >= t && fault.start <= t,
  )
  if (cut) return 'cut off'
  const exit = facts.exits.find((one) => one.node === node && Math.abs(one.t - t) <= NEAR_MS)
  if (exit === undefined) return undefined
  return exit.signal !== 'SIGKILL' && READERS.has(kind) ? undefined : 'node ended'
}

/** When a fault no longer excuses anything: the world has come back, or has had its time for it. */
const overAt = ({ end, recoveredAt }: FaultWindow): number =>
  Math.min(recoveredAt ?? end, end + LASTS_MS) + AFTERMATH_MS

const cutsTheLog = ({ affects }: FaultWindow): boolean =>
  affects.includes('postgres') || affects.includes('node')

const isUnconfirmedUntil =
  (t: number) =>
  (fault: FaultWindow): boolean =>
    cutsTheLog(fault) && t - fault.start >= CLOSES_AFTER_MS

/** Whether a fault kept from a node that the user had not been active before his token was made: he comes back by himself. */
const hidAbsence =
  ({ attempt: { userId, tokenAt } }: AttemptFacts, { rights }: Facts) =>
  (fault: FaultWindow): boolean =>
    cutsTheLog(fault) &&
    (rights.get(userId ?? '')?.absences ?? []).some(
      ([from]) => from >= fault.start - AFTERMATH_MS && from <= (tokenAt ?? 0),
    )

/** Why an attempt was no wrong that was refused for the rights of its user; undefined where they were good. */
export const refusalExcuse = (one: AttemptFacts, facts: Facts): string | undefined => {
  const { refused } = one
  if (refused === undefined || !OF_RIGHTS.has(refused.code)) return undefined
  if (rightHadEnded(one, refused.t, facts)) return 'right ended'
  return refused.code === 'AUTH_USER_INACTIVE' && backBefore(one, facts) !== undefined
    ? 'active again a moment ago'
    : undefined
}

/** How long before he was refused the user had come back, where his node may not have known; undefined where it must. */
const backBefore = ({ attempt, refused }: AttemptFacts, { rights }: Facts): number | undefined => {
  const own = rights.get(attempt.userId ?? '')
  return own === undefined || refused === undefined ? undefined : backSince(own, refused.t)
}

/** Of those who were refused as inactive right after they had come back: how long after, in ms. */
export const refusedTooLate = (facts: Facts): number[] =>
  [...facts.attempts.values()].flatMap((one) =>
    refusalExcuse(one, facts) === 'active again a moment ago' ? (backBefore(one, facts) ?? []) : [],
  )

/** Whether a right had ended by then that the token of this attempt stood on. */
const rightHadEnded = ({ attempt }: AttemptFacts, t: number, { rights }: Facts): boolean => {
  const own = rights.get(attempt.userId ?? '')
  return own !== undefined && hadEnded(own, attempt.tokenAt ?? 0, t)
}

const during = (t: number, { faults }: Facts): string => {
  const fault = faults.findLast(({ start }) => start <= t)
  if (fault === undefined) return ''
  const when = t <= fault.end ? 'in' : `${seconds(t - fault.end)} after`
  return `, ${when} fault ${String(fault.id)} (${fault.kind}, ${fault.target})`
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

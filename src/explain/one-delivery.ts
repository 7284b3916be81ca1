import { ERRORS, isErrorCode, type ExplainReason } from '@uzima/contracts'
import { NODE_LOST } from '../audit/dead-runs.js'
import type { DeliveryRecord, EntryHeader, Mark, NodeRun, Records, RightChange } from './records.js'
import { agreed, changeAt, rule, type Ruling } from './rights.js'

export type Outcome = 'applied' | 'written' | 'not_allowed' | 'ended' | 'in_snapshot' | 'unknown'

/** What became of an entry on one connection. */
export interface Judged {
  readonly delivery: DeliveryRecord
  readonly how: 'live' | 'replay' | 'snapshot'
  readonly outcome: Outcome
  readonly reason: ExplainReason
  /** Both at the latest. */
  readonly writtenAt?: Date | undefined
  readonly appliedAt?: Date | undefined
}

/**
 * A node that lives gives a sign every 3 s; what has been numbered this long after the last one, it cannot have sent. Twice
 * `writtenSeq` is not older than this either.
 */
export const AFTER_LAST_SIGN_MS = 5_000

/** Between the clock of the database and a node's reckoning of it. */
const CLOCK_SLACK_MS = 100

/** Judges `entry` on `delivery`; undefined where the one does not concern the other. */
export const judge = (
  entry: EntryHeader,
  delivery: DeliveryRecord,
  records: Records,
): Judged | undefined => {
  const { seq } = entry
  const { how, askedSeq, joinedSeq, closedAt } = delivery
  const isReplay = how === 'replay' && (joinedSeq === null || seq <= joinedSeq)
  // The client had it already, or so it said.
  if (how === 'replay' && askedSeq !== null && seq <= askedSeq) return undefined
  // It never became live.
  if (!isReplay && joinedSeq === null) return undefined
  if (!isReplay && joinedSeq !== null && seq <= joinedSeq) {
    const reason = how === 'snapshot' ? 'reset_instead' : 'older_than_snapshot'
    return { delivery, how: 'snapshot', outcome: 'in_snapshot', reason }
  }
  if (!isReplay && closedAt !== null && closedAt < entry.at && !isWritten(entry, delivery)) {
    return undefined
  }

  const run = records.runs.get(delivery.run)
  const ruling = rulingOf(entry, delivery, isReplay, records, run)
  const told = { delivery, how: isReplay ? ('replay' as const) : ('live' as const) }
  if (ruling.allowed === false) return { ...told, outcome: 'not_allowed', reason: ruling.reason }
  if (ruling.allowed === null) return { ...told, outcome: 'unknown', reason: ruling.reason }
  if (!isWritten(entry, delivery)) return { ...told, ...unwritten(entry, delivery, isReplay, run) }

  const writtenAt = writtenBy(seq, delivery, run?.progress ?? [])
  const reason = isReplay ? 'replayed' : 'live'
  if (delivery.appliedSeq === null || delivery.appliedSeq < seq) {
    return { ...told, outcome: 'written', reason, writtenAt }
  }
  const appliedAt = earliest(firstAt(delivery.applied, seq), delivery.appliedAt ?? undefined)
  return { ...told, outcome: 'applied', reason, writtenAt, appliedAt }
}

const isWritten = ({ seq }: EntryHeader, { writtenUpTo }: DeliveryRecord): boolean =>
  writtenUpTo >= seq

/** As `delivery_written_at` of migration 0029, for what is written. */
const writtenBy = (
  seq: number,
  delivery: DeliveryRecord,
  progress: readonly Mark[],
): Date | undefined => {
  const { closedAt, joinedSeq, connectedAt } = delivery
  const [waited] = delivery.lags
    .filter(({ from, until }) => from < seq && (until === null || until >= seq))
    .map(({ untilAt }) => untilAt ?? closedAt ?? undefined)
    .sort((a, b) => (b?.getTime() ?? 0) - (a?.getTime() ?? 0))
  const handed =
    joinedSeq !== null && seq <= joinedSeq
      ? (delivery.writtenAt ?? undefined)
      : progress.find((mark) => mark.seq >= seq && mark.at >= connectedAt)?.at
  // What the client has applied was written before.
  return earliest(
    waited ?? handed,
    closedAt ?? undefined,
    firstAt(delivery.applied, seq),
    (delivery.appliedSeq ?? 0) >= seq ? (delivery.appliedAt ?? undefined) : undefined,
  )
}

/**
 * A live entry goes by the rights at its number; one of a replay by those at the moment it is sent. A session begins with the
 * rights of that moment, which may be ahead of the log's place on its node.
 */
const rulingOf = (
  entry: EntryHeader,
  delivery: DeliveryRecord,
  isReplay: boolean,
  { rights, readAt }: Records,
  run: NodeRun | undefined,
): Ruling => {
  const by = (change: RightChange | undefined, seq: number): Ruling =>
    rule(entry, rights, change, [run?.feeds ?? null], seq)
  const began = delivery.connectedAt.getTime()
  if (!isReplay) {
    const ahead = rights.changes.filter(
      ({ seq, at, isActive }) =>
        seq > entry.seq && isActive && at.getTime() <= began + CLOCK_SLACK_MS,
    )
    return agreed([
      by(changeAt(rights, entry.seq), entry.seq),
      ...ahead.map((one) => by(one, one.seq)),
    ])
  }
  const ended = (delivery.joinedSeq === null ? (delivery.closedAt ?? readAt) : undefined)?.getTime()
  const then = rights.changes.filter(({ seq, at }) =>
    ended === undefined ? seq <= (delivery.joinedSeq ?? 0) : at.getTime() <= ended,
  )
  const before = then.findLast(({ at }) => at.getTime() <= began - CLOCK_SLACK_MS)
  const meanwhile = then.filter(({ at }) => at.getTime() > began - CLOCK_SLACK_MS)
  const first = before ?? (meanwhile.length === 0 ? changeAt(rights, entry.seq) : undefined)
  return agreed([
    ...(first === undefined && meanwhile.length > 0 ? [] : [by(first, first?.seq ?? entry.seq)]),
    ...meanwhile.map((one) => by(one, one.seq)),
  ])
}

/** A node's progress is on record once a second, and somewhat later where it is busy. */
const LAST_MOMENTS_MS = 5_000

/** Where the client or the network ends a connection, what was sent since the last progress may have arrived and is on no record. */
const isOfLastMoments = ({ at }: EntryHeader, { closedAt, code }: DeliveryRecord): boolean =>
  closedAt !== null &&
  closedAt.getTime() - at.getTime() < LAST_MOMENTS_MS &&
  (code === null || code === 'PING_TIMEOUT' || code.startsWith('CLIENT_'))

/** Why what should have been sent is not on record as written. */
const unwritten = (
  entry: EntryHeader,
  delivery: DeliveryRecord,
  isReplay: boolean,
  run: NodeRun | undefined,
): Pick<Judged, 'outcome' | 'reason'> => {
  const { closedAt, code } = delivery
  if (code === NODE_LOST) {
    return !isReplay && isAfterDeath(entry.at, run)
      ? { outcome: 'ended', reason: 'node_died' }
      : { outcome: 'unknown', reason: 'node_lost' }
  }
  if (closedAt === null) {
    return run?.endedAt === null
      ? { outcome: 'unknown', reason: 'not_yet_recorded' }
      : { outcome: 'unknown', reason: 'record_missing' }
  }
  // The end is on record by the connection log alone: what was written last is not.
  if (!delivery.isFinal) return { outcome: 'unknown', reason: 'record_missing' }
  if (isOfLastMoments(entry, delivery)) return { outcome: 'unknown', reason: 'record_missing' }
  return { outcome: 'ended', reason: reasonOfEnd(code) }
}

/** Whether the run had died by then, as far as its signs of life tell. */
export const isAfterDeath = (at: Date, run: NodeRun | undefined): boolean =>
  run?.lastSignAt !== undefined &&
  run.lastSignAt !== null &&
  at.getTime() > run.lastSignAt.getTime() + AFTER_LAST_SIGN_MS

const reasonOfEnd = (code: string | null): ExplainReason => {
  const known = code === null ? undefined : ENDS[code]
  if (known !== undefined) return known
  return isErrorCode(code) && ERRORS[code].refusesToken ? 'session_ended' : 'connection_ended'
}

const ENDS: Readonly<Record<string, ExplainReason>> = {
  SLOW_CONSUMER: 'cut_slow',
  AUTH_STALE: 'node_fenced',
}

/** When the first mark at or after `seq` was made. */
const firstAt = (marks: readonly Mark[], seq: number): Date | undefined =>
  marks.find((mark) => mark.seq >= seq)?.at

const earliest = (...times: readonly (Date | undefined)[]): Date | undefined =>
  times.reduce(
    (first, time) => (first === undefined || (time !== undefined && time < first) ? time : first),
    undefined,
  )

import type { ExplainReason, Verdict } from '@uzima/contracts'
import type { Feeds } from '../log/audience.js'
import { isAfterDeath, judge, type Judged } from './one-delivery.js'
import type { EntryHeader, Records } from './records.js'
import { changeAt, rule, type Ruling } from './rights.js'

/** What became of one entry for one user, and what shows it. */
export interface Answer {
  readonly verdict: Verdict
  readonly reason: ExplainReason
  /** Whether it was for him when it was numbered. */
  readonly ruling: Ruling
  /** The connections that it concerns, by their beginning. */
  readonly judged: readonly Judged[]
  /**
   * Deaths of nodes since: who connected in the last moment before one, and was sent it again then, is on no record. Empty
   * where it is known to have been sent.
   */
  readonly gaps: readonly Gap[]
}

export interface Gap {
  readonly node: string
  /** The last sign of life; what is missing is of the seconds after it. */
  readonly from: Date | null
}

/** Answers for one entry, from records alone: what they do not tell is `unknown`. */
export const explain = (entry: EntryHeader, records: Records): Answer => {
  const { rights } = records
  const ruling = rule(
    entry,
    rights,
    changeAt(rights, entry.seq),
    settingsAt(entry, records),
    entry.seq,
  )
  const judged = records.deliveries.flatMap((delivery) => judge(entry, delivery, records) ?? [])
  const verdict = verdictOf(entry, records, ruling, judged)
  const isSent = verdict.verdict === 'applied' || verdict.verdict === 'written'
  const gaps = isSent || ruling.reason === 'internal' ? [] : gapsAfter(entry, records)
  return { ...verdict, ruling, judged, gaps }
}

const gapsAfter = ({ at }: EntryHeader, { runs }: Records): Gap[] =>
  [...runs.values()]
    .filter((run) => run.lastSignAt !== undefined && !isAfterDeath(at, run))
    .map(({ name, lastSignAt = null }) => ({ node: name, from: lastSignAt }))

const verdictOf = (
  entry: EntryHeader,
  records: Records,
  ruling: Ruling,
  judged: readonly Judged[],
): Pick<Answer, 'verdict' | 'reason'> => {
  const first = (outcome: Judged['outcome']): Judged | undefined =>
    judged.find((one) => one.outcome === outcome)
  const got = first('applied') ?? first('written')
  if (got !== undefined) {
    return { verdict: got.outcome === 'applied' ? 'applied' : 'written', reason: got.reason }
  }
  if (ruling.reason === 'internal') return { verdict: 'not_allowed', reason: 'internal' }
  const unclear = first('unknown')
  if (unclear !== undefined) return { verdict: 'unknown', reason: unclear.reason }
  const bare = mayHaveBeenSent(entry, records, ruling) ? bareReason(entry, records) : undefined
  if (bare !== undefined) return { verdict: 'unknown', reason: bare }
  if (ruling.allowed === false) return { verdict: 'not_allowed', reason: ruling.reason }
  const ended = first('ended')
  if (ended !== undefined) return { verdict: 'ended', reason: ended.reason }
  if (ruling.allowed === null) return { verdict: 'unknown', reason: ruling.reason }
  const refused = first('not_allowed')
  if (refused?.how === 'live') {
    return { verdict: 'not_allowed', reason: refused.reason }
  }
  return { verdict: 'not_connected', reason: first('in_snapshot')?.reason ?? 'not_connected' }
}

/** What the nodes that lived at the time were told of who receives what; of those that came next where none did. */
const settingsAt = ({ at }: EntryHeader, { runs }: Records): (Feeds | null)[] => {
  const all = [...runs.values()]
  const living = all.filter(
    (run) => run.startedAt <= at && (run.endedAt === null || run.endedAt >= at),
  )
  return (living.length > 0 ? living : all).map(({ feeds }) => feeds)
}

/** At its number, or later by a replay, which goes by the rights of its own time. */
const mayHaveBeenSent = (entry: EntryHeader, records: Records, { allowed }: Ruling): boolean => {
  const { rights } = records
  const settings = [...records.runs.values()].map(({ feeds }) => feeds)
  const later = rights.changes.filter(({ seq }) => seq > entry.seq)
  return (
    allowed !== false ||
    later.some((change) => rule(entry, rights, change, settings, change.seq).allowed !== false)
  )
}

/** Within so long after it ended a session has its record, while the database answers; a connection its line within so long. */
const RECORDED_WITHIN_MS = 10_000
const LOGGED_WITHIN_MS = 1_000

/** Why a connection may have got it of which there is no record, if there may have been one. */
const bareReason = (entry: EntryHeader, records: Records): ExplainReason | undefined => {
  const { at } = entry
  const { bare, runs, readAt } = records
  for (const { run: id, closedAt } of bare) {
    const run = runs.get(id)
    if (closedAt !== null && closedAt < at) continue
    if (run === undefined || run.feeds === null) return 'record_missing'
    if (run.lastSignAt !== undefined) {
      if (!isAfterDeath(at, run)) return 'node_lost'
    } else if (
      closedAt === null ? run.endedAt === null : isYounger(closedAt, RECORDED_WITHIN_MS, readAt)
    ) {
      return 'not_yet_recorded'
    }
  }
  // Who came in the last moments of a node that died may be on no record at all.
  for (const run of runs.values()) {
    if (run.lastSignAt === undefined || run.startedAt > at) continue
    const hasSign = run.lastSignAt !== null && run.lastSignAt <= at
    if (hasSign && !isAfterDeath(at, run)) return 'node_lost'
  }
  return isYounger(at, LOGGED_WITHIN_MS, readAt) ? 'not_yet_recorded' : undefined
}

const isYounger = (at: Date, ms: number, now: Date): boolean => now.getTime() - at.getTime() < ms

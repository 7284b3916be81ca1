import type { Verdict } from './verdict.js'
import type { StoreChange, StoredWrite, WriteState } from './types.js'

/** A claim lasts this long: longer than an attempt, and no longer than a person waits for a tab that died. */
export const LEASE_MS = 30_000
const DAY_MS = 86_400_000
/** How long it is kept after its end, by its state. */
const KEPT_MS: Partial<Record<WriteState, number>> = { accepted: 7 * DAY_MS, closed: 30 * DAY_MS }

/** Who looks at the rows, and what he knows. */
export interface Beholder {
  /** Name of this queue object. */
  readonly by: string
  /** This device's clock. */
  readonly now: number
  /** Queue objects that live, where that is known. */
  readonly living: ReadonlySet<string | undefined> | undefined
}

/** The rows after a change, by `n`. */
export const applied = (
  rows: readonly StoredWrite[],
  { put = [], remove = [] }: StoreChange<unknown>,
): readonly StoredWrite[] => {
  const byId = new Map(rows.map((row) => [row.id, row]))
  for (const id of remove) byId.delete(id)
  for (const row of put) byId.set(row.id, row)
  return [...byId.values()].sort((a, b) => a.n - b.n)
}

const PENDING: readonly WriteState[] = ['queued', 'sending', 'unsure', 'waiting']

/** Whether it still has to be sent, or answered. */
export const isPending = ({ state }: StoredWrite): boolean => PENDING.includes(state)

/** Whether somebody has it under way. A clock that was set forward or back makes no claim longer than a lease. */
const isClaimed = ({ state, claim }: StoredWrite, { by, now, living }: Beholder): boolean =>
  state === 'sending' &&
  claim !== undefined &&
  claim.by !== by &&
  claim.until > now &&
  claim.until <= now + LEASE_MS &&
  (living?.has(claim.by) ?? true)

/**
 * The writes of `author` that may go out now, by `n`: the first pending one of each item, unless it waits for its author or
 * somebody has it under way.
 */
export const sendable = (
  rows: readonly StoredWrite[],
  author: string,
  beholder: Beholder,
): readonly StoredWrite[] => {
  const seen = new Set<string>()
  return rows.filter((row) => {
    if (row.author !== author || !isPending(row) || seen.has(row.movement.sku)) return false
    seen.add(row.movement.sku)
    return row.state !== 'waiting' && !isClaimed(row, beholder)
  })
}

/** Claims a write for one attempt; undefined where it may not go out any more. */
export const claimed = (
  rows: readonly StoredWrite[],
  { id, author }: StoredWrite,
  beholder: Beholder,
): StoredWrite | undefined => {
  const row = sendable(rows, author, beholder).find((candidate) => candidate.id === id)
  if (row === undefined) return undefined
  const { by, now } = beholder
  const wasSent = row.firstSentAt !== undefined
  const claim = { by, until: now + LEASE_MS, wasSent }
  return { ...row, state: 'sending', firstSentAt: row.firstSentAt ?? now, claim }
}

/** What an attempt has come to, beside the verdict. */
export interface Attempt {
  readonly by: string
  readonly now: number
  /** The log in which the answer's version counts. */
  readonly epoch: string | undefined
}

/** The write after an attempt; undefined where the verdict changes nothing any more. */
export const settled = (
  { claim, refusal: _refusal, ...rest }: StoredWrite,
  verdict: Verdict,
  { by, now: endedAt, epoch }: Attempt,
): StoredWrite | undefined => {
  const { state } = rest
  if (state in KEPT_MS) return undefined
  if (verdict.kind === 'accepted') {
    const answer = { version: verdict.version, ...(epoch !== undefined && { epoch }) }
    return { ...rest, state: 'accepted', answer, endedAt }
  }
  const isOwn = state === 'sending' && claim?.by === by
  const wasSent = claim?.wasSent !== false
  if (verdict.kind === 'refused') {
    const { refusal } = verdict
    if (verdict.isOfKey ? state !== 'refused' : isOwn && !wasSent) {
      return { ...rest, state: 'refused', refusal, endedAt }
    }
    // The role was looked at before the key: an earlier attempt may have been booked.
    return isOwn ? { ...rest, state: 'waiting', refusal } : undefined
  }
  // The rest is news about this attempt only: somebody else may have the write by now.
  if (!isOwn) return undefined
  const unsure: StoredWrite = { ...rest, state: 'unsure' }
  if (verdict.kind === 'unsure') return unsure
  const before = wasSent ? unsure : unsent(rest)
  return verdict.kind === 'signed_out' ? { ...before, state: 'waiting' } : before
}

const unsent = ({ firstSentAt: _sent, ...row }: StoredWrite): StoredWrite => ({
  ...row,
  state: 'queued',
})

/** Lets all writes of an author wait until he has logged in. */
export const parked = (rows: readonly StoredWrite[], author: string): readonly StoredWrite[] =>
  rows
    .filter((row) => row.author === author && (row.state === 'queued' || row.state === 'unsure'))
    .map((row) => ({ ...row, state: 'waiting' }))

/** Lets them go on. */
export const revived = (rows: readonly StoredWrite[], author: string): readonly StoredWrite[] =>
  rows.filter((row) => row.author === author && row.state === 'waiting').map(revivedOne)

/** A waiting write that goes on under its own key. */
export const revivedOne = ({ refusal: _refusal, ...row }: StoredWrite): StoredWrite => ({
  ...row,
  state: row.firstSentAt === undefined ? 'queued' : 'unsure',
})

/** Ids of what was at its end long enough. A clock that was wrong for a while keeps rows, or lets them go: nothing hangs on them. */
export const outlived = (rows: readonly StoredWrite[], now: number): readonly string[] =>
  rows
    .filter(({ state, endedAt = now }) => now - endedAt > (KEPT_MS[state] ?? Infinity))
    .map(({ id }) => id)

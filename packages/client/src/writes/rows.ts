import type { Verdict } from './verdict.js'
import type { Refusal, StoreChange, StoredWrite, WriteState } from './types.js'

/** A claim lasts this long: longer than an attempt, and no longer than a person waits for a tab that died. */
export const LEASE_MS = 30_000
const ACCEPTED_KEPT_MS = 7 * 24 * 3_600_000
const CLOSED_KEPT_MS = 30 * 24 * 3_600_000

/** Who looks at the rows, and what he knows. */
export interface Beholder {
  /** Name of this queue object. */
  readonly by: string
  /** This device's clock. */
  readonly now: number
  /** Queue objects that live, where that is known. */
  readonly living: ReadonlySet<string> | undefined
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

const PENDING: ReadonlySet<WriteState> = new Set(['queued', 'sending', 'unsure', 'waiting'])

/** Whether it still has to be sent, or answered. */
export const isPending = ({ state }: StoredWrite): boolean => PENDING.has(state)

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

/** Claims a write for one attempt; undefined where it may not go out any more. `wasSent`: see `Attempt`. */
export const claimed = (
  rows: readonly StoredWrite[],
  { id, author }: StoredWrite,
  beholder: Beholder,
): { readonly row: StoredWrite; readonly wasSent: boolean } | undefined => {
  const row = sendable(rows, author, beholder).find((candidate) => candidate.id === id)
  if (row === undefined) return undefined
  const claim = { by: beholder.by, until: beholder.now + LEASE_MS }
  return {
    row: { ...row, state: 'sending', firstSentAt: row.firstSentAt ?? beholder.now, claim },
    wasSent: row.firstSentAt !== undefined,
  }
}

/** What an attempt has come to, beside the verdict. */
export interface Attempt {
  readonly by: string
  /** Whether an earlier attempt may have reached the server. */
  readonly wasSent: boolean
  readonly now: number
  /** The log in which the answer's version counts. */
  readonly epoch: string | undefined
}

/** The write after an attempt; undefined where the verdict changes nothing any more. */
export const settled = (
  row: StoredWrite | undefined,
  verdict: Verdict,
  { by, wasSent, now, epoch }: Attempt,
): StoredWrite | undefined => {
  if (row === undefined || row.state === 'accepted' || row.state === 'closed') return undefined
  const { claim, ...rest } = row
  if (verdict.kind === 'accepted') {
    const answer = { version: verdict.version, ...(epoch === undefined ? {} : { epoch }) }
    return { ...withoutRefusal(rest), state: 'accepted', answer, endedAt: now }
  }
  if (verdict.kind === 'refused' && verdict.isOfKey && row.state !== 'refused') {
    return refused(rest, verdict.refusal, now)
  }
  // The rest is news about this attempt only: somebody else may have the write by now.
  if (row.state !== 'sending' || claim?.by !== by) return undefined
  switch (verdict.kind) {
    case 'refused':
      // The role was looked at before the key: an earlier attempt may have been booked.
      return wasSent
        ? { ...rest, state: 'waiting', refusal: verdict.refusal }
        : refused(rest, verdict.refusal, now)
    case 'stale_token':
    case 'not_sent':
      return wasSent ? { ...rest, state: 'unsure' } : unsent(rest)
    case 'signed_out':
      return { ...(wasSent ? rest : unsent(rest)), state: 'waiting' }
    case 'unsure':
      return { ...rest, state: 'unsure' }
  }
}

const refused = (row: StoredWrite, refusal: Refusal, now: number): StoredWrite => ({
  ...row,
  state: 'refused',
  refusal,
  endedAt: now,
})

const unsent = ({ firstSentAt: _sent, ...row }: StoredWrite): StoredWrite => ({
  ...row,
  state: 'queued',
})

const withoutRefusal = ({ refusal: _refusal, ...row }: StoredWrite): StoredWrite => row

/** Lets all writes of an author wait until he has logged in. */
export const parked = (rows: readonly StoredWrite[], author: string): readonly StoredWrite[] =>
  rows
    .filter((row) => row.author === author && (row.state === 'queued' || row.state === 'unsure'))
    .map((row) => ({ ...row, state: 'waiting' }))

/** Lets them go on. */
export const revived = (rows: readonly StoredWrite[], author: string): readonly StoredWrite[] =>
  rows.filter((row) => row.author === author && row.state === 'waiting').map(revivedOne)

/** A waiting write that goes on under its own key. */
export const revivedOne = (row: StoredWrite): StoredWrite => ({
  ...withoutRefusal(row),
  state: row.firstSentAt === undefined ? 'queued' : 'unsure',
})

/** Ids of what was at its end long enough. A clock that was wrong for a while keeps rows, or lets them go: nothing hangs on them. */
export const outlived = (rows: readonly StoredWrite[], now: number): readonly string[] =>
  rows
    .filter(({ state, endedAt = now }) => {
      const age = now - endedAt
      return (
        (state === 'accepted' && age > ACCEPTED_KEPT_MS) ||
        (state === 'closed' && age > CLOSED_KEPT_MS)
      )
    })
    .map(({ id }) => id)

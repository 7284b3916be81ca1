import { randomUuid } from '../uuid.js'
import { outlived, revivedOne } from './rows.js'
import type { Movement, MovementChanges, StoreChange, StoredWrite, WriteRequest } from './types.js'

/** Who decides, and when, by this device's clock. */
export interface Decider {
  readonly author: string
  readonly now: number
}

/** A new movement, behind all others; what is long over goes. */
export const added = (
  rows: readonly StoredWrite[],
  movement: Movement,
  { author, now }: Decider,
): StoreChange<StoredWrite> => {
  const row: StoredWrite = {
    id: randomUuid(),
    author,
    n: (rows.at(-1)?.n ?? 0) + 1,
    movement,
    request: requestOf(movement),
    state: 'queued',
    madeAt: now,
  }
  return { put: [row], remove: outlived(rows, now), result: row }
}

/**
 * A refused write becomes a new one, and is closed in the same step, so that two tabs make one of it; a waiting one goes on.
 * The result is undefined where it is neither.
 */
export const retried = (
  rows: readonly StoredWrite[],
  id: string,
  changes: MovementChanges | undefined,
  decider: Decider,
): StoreChange<StoredWrite | undefined> => {
  const row = ownRow(rows, id, decider)
  if (row?.state === 'waiting' && changes === undefined) {
    const result = revivedOne(row)
    return { put: [result], result }
  }
  if (row?.state !== 'refused') return { result: undefined }
  // A change of what the movement has not (`expected` of a consumption) is the server's to refuse.
  const made = added(rows, { ...row.movement, ...changes }, decider)
  const result: StoredWrite = { ...made.result, retryOf: id }
  return { put: [closed(row, { retriedAs: result.id }, decider), result], result }
}

/** Closes a write that the server has certainly not booked, or that only a role it may never get back could settle. */
export const dropped = (
  rows: readonly StoredWrite[],
  id: string,
  reason: string,
  decider: Decider,
): StoreChange<boolean> => {
  const row = ownRow(rows, id, decider)
  if (row === undefined || !isDroppable(row)) return { result: false }
  return { put: [closed(row, { reason }, decider)], result: true }
}

const closed = (
  row: StoredWrite,
  why: NonNullable<StoredWrite['closed']>,
  { now }: Decider,
): StoredWrite => ({ ...row, state: 'closed', closed: why, endedAt: now })

const isDroppable = ({ state, firstSentAt, refusal }: StoredWrite): boolean =>
  state === 'refused' ||
  (state === 'waiting' && refusal !== undefined) ||
  ((state === 'queued' || state === 'waiting') && firstSentAt === undefined)

const ownRow = (
  rows: readonly StoredWrite[],
  id: string,
  { author }: Decider,
): StoredWrite | undefined => rows.find((row) => row.id === id && row.author === author)

/** What goes out for a movement. Made once, when the movement is kept. */
const requestOf = ({ kind, sku, ...body }: Movement): WriteRequest => ({
  path: `/api/inventory/${encodeURIComponent(sku)}/${ROUTES[kind] ?? kind}`,
  body: JSON.stringify(body),
})

const ROUTES: Partial<Record<Movement['kind'], string>> = { receive: 'lots', count: 'adjust' }

import { comeBackOf, isErrorCode } from '@uzima/contracts'
import { createHash } from 'node:crypto'
import { AppError, isOurFault } from '../errors/app-error.js'
import { sqlState, type Database, type Queryable } from './database.js'

/** A request that may arrive twice. */
export interface RepeatableRequest {
  readonly userId: string
  /** The caller's `Idempotency-Key`: 1 to 255 printable ASCII characters. Without one the work is simply done. */
  readonly key?: string | undefined
  /** What is asked, as JSON: operation, resource, body. Another one under the same key is refused. */
  readonly request: unknown
}

/** A key that is ours in this transaction. */
export interface Slot {
  readonly userId: string
  readonly key: string
  /** SHA-256 of the request. */
  readonly hash: Buffer
}

/**
 * Answers where no answer is stored, but the work has left something that keeps the key for good; undefined where it has
 * not, and the work is done. `isKept`: `keepKey` was called for it.
 */
export type Recall<T> = (tx: Queryable, slot: Slot, isKept: boolean) => Promise<T | undefined>

const KEY_PATTERN = /^[\x20-\x7e]{1,255}$/
const QUERY_CANCELED = '57014'
/** Answers are repeated for at least this long. */
const KEPT_MS = 24 * 3_600_000

/**
 * Runs `work` in a transaction once per user and key, and repeats its answer, a value or a refusal, to whoever asks again:
 * to the letter for 24 hours, then as `recall` says it. A duplicate in flight waits for the first and gets its answer.
 * Refused work leaves no change; an unknown or retryable error is not stored. Throws `VALIDATION_FAILED` for a malformed
 * key, `IDEMPOTENCY_KEY_REUSED` for another request, `IDEMPOTENCY_IN_PROGRESS` where the first takes too long.
 */
export const once = async <T>(
  database: Database,
  { userId, key, request }: RepeatableRequest,
  work: (tx: Queryable, slot: Slot | undefined) => Promise<T>,
  recall?: Recall<T>,
): Promise<T> => {
  if (key === undefined) return database.transaction((tx) => work(tx, undefined))
  if (!isKey(key)) {
    throw new AppError('VALIDATION_FAILED', {
      detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters.',
    })
  }
  const slot = { userId, key, hash: hashOf(request) }
  const answer = await database.transaction(async (tx) => {
    const earlier = (await claim(tx, slot)) ? undefined : await earlierAnswer<T>(tx, slot)
    if (earlier?.answer) return earlier.answer
    const recalled = await recall?.(tx, slot, earlier?.isKept === true)
    const first = recalled === undefined ? await attempt(tx, slot, work) : { value: recalled }
    // What is recalled from a kept key is not stored again: it would have to be forgotten once more.
    if (earlier === undefined) await store(tx, slot, first)
    return first
  })
  if ('value' in answer) return answer.value
  throw new AppError(answer.refusal.code, answer.refusal)
}

/** Keeps the key of this transaction's work for good: it leaves nothing else that could. */
export const keepKey = async (tx: Queryable, { userId, key }: Slot): Promise<void> => {
  await tx.query('update idempotency_keys set is_kept = true where user_id = $1 and key = $2', [
    userId,
    key,
  ])
}

/** Throws `IDEMPOTENCY_KEY_REUSED` unless the key came with this request before. */
export const expectSameRequest = ({ hash }: Slot, earlier: Uint8Array): void => {
  if (hash.equals(earlier)) return
  throw new AppError('IDEMPOTENCY_KEY_REUSED', {
    detail: 'Use a new Idempotency-Key for a new request.',
  })
}

/** Forgets answers older than 24 hours, and their keys unless those are kept; resolves to the number of answers. */
export const removeOldAnswers = async (database: Queryable): Promise<number> => {
  const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
    `with old as materialized (
        select user_id, key from idempotency_keys
        where created_at < now() - $1 * interval '1 ms' and answer is not null),
      emptied as (
        update idempotency_keys as k set answer = null from old
        where k.user_id = old.user_id and k.key = old.key and k.is_kept),
      removed as (
        delete from idempotency_keys as k using old
        where k.user_id = old.user_id and k.key = old.key and not k.is_kept)
      select count(*)::integer as count from old`,
    [KEPT_MS],
  )
  return count
}

/** Whether a text can be an Idempotency-Key. */
export const isKey = (text: string): boolean => KEY_PATTERN.test(text)

type Refusal = Pick<AppError, 'code' | 'details'> & { readonly detail?: string }
type Answer<T> = { readonly value: T } | { readonly refusal: Refusal }

/** Whether the key is ours now. Waits for a transaction that has claimed it and not ended. */
const claim = async (tx: Queryable, { userId, key, hash }: Slot): Promise<boolean> => {
  try {
    const claimed = await tx.query(
      `insert into idempotency_keys (user_id, key, request_hash) values ($1, $2, $3)
        on conflict do nothing returning 1`,
      [userId, key, hash],
    )
    return claimed.length === 1
  } catch (error) {
    if (sqlState(error) !== QUERY_CANCELED) throw error
    throw new AppError('IDEMPOTENCY_IN_PROGRESS', {
      detail: 'Send the same request again later.',
      cause: error,
    })
  }
}

const earlierAnswer = async <T>(
  tx: Queryable,
  slot: Slot,
): Promise<{ readonly answer: Answer<T> | null; readonly isKept: boolean }> => {
  const [earlier] = await tx.query<{
    hash: Uint8Array
    answer: Answer<T> | null
    isKept: boolean
  }>(
    `select request_hash as hash, answer, is_kept as "isKept" from idempotency_keys
      where user_id = $1 and key = $2`,
    [slot.userId, slot.key],
  )
  if (earlier === undefined) {
    // Removed by the clean-up since the claim: a retry of the caller claims it anew.
    throw new AppError('IDEMPOTENCY_IN_PROGRESS', { detail: 'Send the same request again.' })
  }
  expectSameRequest(slot, earlier.hash)
  return earlier
}

const store = async <T>(tx: Queryable, { userId, key }: Slot, answer: Answer<T>): Promise<void> => {
  await tx.query(
    'update idempotency_keys set answer = $3::text::json where user_id = $1 and key = $2',
    [userId, key, JSON.stringify(answer)],
  )
}

/** Does the work behind a savepoint, so that a refusal undoes its changes and still can be stored. */
const attempt = async <T>(
  tx: Queryable,
  slot: Slot,
  work: (tx: Queryable, slot: Slot) => Promise<T>,
): Promise<Answer<T>> => {
  await tx.query('savepoint attempt')
  try {
    return { value: await work(tx, slot) }
  } catch (error) {
    if (!(error instanceof AppError) || !isFinal(error)) throw error
    await tx.query('rollback to savepoint attempt')
    const { code, detail, details } = error
    return { refusal: { code, details, ...(detail === undefined ? {} : { detail }) } }
  }
}

const isFinal = (error: AppError): boolean =>
  isErrorCode(error.code) && !comeBackOf(error.code).retryable && !isOurFault(error)

/** What a request is told apart by under one key. */
export const hashOf = (request: unknown): Buffer =>
  createHash('sha256').update(JSON.stringify(request, sortedMembers)).digest()

/** The same object hashes the same in whatever order its members came. */
const sortedMembers = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

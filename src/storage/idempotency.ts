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

const KEY_PATTERN = /^[\x20-\x7e]{1,255}$/
const QUERY_CANCELED = '57014'
/** Answers are repeated for at least this long. */
const KEPT_MS = 24 * 3_600_000

/**
 * Runs `work` in a transaction once per user and key, and repeats its answer, a value or a refusal, to whoever asks again.
 * A duplicate in flight waits for the first and gets its answer. A refused `work` leaves no change; an unknown or
 * retryable error is not stored. `T` is JSON. Throws `VALIDATION_FAILED` for a malformed key,
 * `IDEMPOTENCY_KEY_REUSED` for another request, `IDEMPOTENCY_IN_PROGRESS` where the first takes too long.
 */
export const once = async <T>(
  database: Database,
  { userId, key, request }: RepeatableRequest,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> => {
  if (key === undefined) return database.transaction(work)
  if (!KEY_PATTERN.test(key)) {
    throw new AppError('VALIDATION_FAILED', {
      detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters.',
    })
  }
  const hash = hashOf(request)
  const answer = await database.transaction(async (tx) => {
    if (!(await claim(tx, userId, key, hash))) return earlierAnswer<T>(tx, userId, key, hash)
    const first = await attempt(tx, work)
    await tx.query(
      'update idempotency_keys set answer = $3::text::json where user_id = $1 and key = $2',
      [userId, key, JSON.stringify(first)],
    )
    return first
  })
  if ('value' in answer) return answer.value
  throw new AppError(answer.refusal.code, answer.refusal)
}

/** Forgets answers older than 24 hours; resolves to their number. */
export const removeOldAnswers = async (database: Queryable): Promise<number> => {
  const removed = await database.query(
    `delete from idempotency_keys where created_at < now() - $1 * interval '1 ms' returning 1`,
    [KEPT_MS],
  )
  return removed.length
}

type Refusal = Pick<AppError, 'code' | 'details'> & { readonly detail?: string }
type Answer<T> = { readonly value: T } | { readonly refusal: Refusal }

/** Whether the key is ours now. Waits for a transaction that has claimed it and not ended. */
const claim = async (
  tx: Queryable,
  userId: string,
  key: string,
  hash: Buffer,
): Promise<boolean> => {
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
  userId: string,
  key: string,
  hash: Buffer,
): Promise<Answer<T>> => {
  const [earlier] = await tx.query<{ request_hash: Uint8Array; answer: Answer<T> }>(
    'select request_hash, answer from idempotency_keys where user_id = $1 and key = $2',
    [userId, key],
  )
  if (earlier === undefined) {
    // Removed by the clean-up since the claim: a retry of the caller claims it anew.
    throw new AppError('IDEMPOTENCY_IN_PROGRESS', { detail: 'Send the same request again.' })
  }
  if (!hash.equals(earlier.request_hash)) {
    throw new AppError('IDEMPOTENCY_KEY_REUSED', {
      detail: 'Use a new Idempotency-Key for a new request.',
    })
  }
  return earlier.answer
}

/** Does the work behind a savepoint, so that a refusal undoes its changes and still can be stored. */
const attempt = async <T>(
  tx: Queryable,
  work: (tx: Queryable) => Promise<T>,
): Promise<Answer<T>> => {
  await tx.query('savepoint attempt')
  try {
    return { value: await work(tx) }
  } catch (error) {
    if (!(error instanceof AppError) || !isFinal(error)) throw error
    await tx.query('rollback to savepoint attempt')
    const { code, detail, details } = error
    return { refusal: { code, details, ...(detail === undefined ? {} : { detail }) } }
  }
}

const isFinal = (error: AppError): boolean =>
  isErrorCode(error.code) && !comeBackOf(error.code).retryable && !isOurFault(error)

const hashOf = (request: unknown): Buffer =>
  createHash('sha256').update(JSON.stringify(request, sortedMembers)).digest()

/** The same object hashes the same in whatever order its members came. */
const sortedMembers = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

import { isRecord, problemFrom } from '../errors.js'
import type { Refusal, WriteAnswer } from './types.js'

/** What an answer, or the lack of one, says about a write. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly version: number }
  /** `isOfKey`: said after the server had looked for the key, so nothing was ever booked under it. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly isOfKey: boolean }
  /** Nothing was done, and another token is wanted. */
  | { readonly kind: 'stale_token' }
  /** Nothing was done: it was taken back before it went out. */
  | { readonly kind: 'not_sent' }
  /** Nothing was done, and no renewal helps: its author has to log in. */
  | { readonly kind: 'signed_out' }
  /** It may have been booked. `isGeneral`: the next write would most likely fare no better. */
  | {
      readonly kind: 'unsure'
      readonly isGeneral: boolean
      readonly retryAfterMs?: number | undefined
    }

/**
 * Judges an answer. Only what the service itself says in the shape it promises is an end: a captive portal answers 200 with
 * a page, a proxy makes up refusals of its own.
 */
export const verdictOf = ({ status, body, retryAfter }: WriteAnswer): Verdict => {
  if (status >= 200 && status < 300) {
    const version = versionIn(body)
    return version === undefined ? UNHEARD : { kind: 'accepted', version }
  }
  const problem = problemFrom(status, body, retryAfter)
  const { code, message: detail, retryable, retryAfterMs } = problem
  if (problem.needsNewToken) return { kind: 'stale_token' }
  if (status === 401 && !retryable) return { kind: 'signed_out' }
  if (retryable || status >= 500) {
    // 409: the same write is being worked on. Everything else that passes concerns the service.
    return { kind: 'unsure', isGeneral: retryable && status !== 409, retryAfterMs }
  }
  return {
    kind: 'refused',
    refusal: { code, detail, status, params: problem.details },
    isOfKey: AFTER_THE_KEY.includes(status),
  }
}

/** No answer came, or one that is not the service's. */
export const UNHEARD: Verdict = { kind: 'unsure', isGeneral: true }

/** Statuses of refusals by the rules of stock. Roles (403) and shapes (400, 413, 415) are looked at before the key. */
const AFTER_THE_KEY = [404, 409, 412, 422]

/** `{ sku, version }`, or the same in `item`. */
const versionIn = (body: unknown): number | undefined => {
  if (!isRecord(body)) return undefined
  const { sku, version } = isRecord(body['item']) ? body['item'] : body
  return typeof sku === 'string' && Number.isSafeInteger(version) ? Number(version) : undefined
}

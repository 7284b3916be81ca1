import { defined } from './defined.js'
import type { ErrorCode } from '@uzima/contracts'

/** Codes this client makes up itself; every other code comes from the server. */
export type ClientErrorCode =
  | 'NETWORK_ERROR'
  | 'TIMEOUT'
  | 'TOKEN_UNAVAILABLE'
  | 'SIGNED_OUT'
  | 'CONNECTION_LOST'
  | 'UNEXPECTED_ANSWER'
  | 'STORE_UNAVAILABLE'
  | 'WRITE_NOT_REFUSED'
  | 'WRITE_UNSETTLED'

/** A code of the contract, of this client, or of a server that is newer than this client. */
export type RealtimeErrorCode = ErrorCode | ClientErrorCode | (string & {})

export interface RealtimeErrorOptions {
  /** Whether the same attempt may succeed later; the only thing that decides about a retry. */
  readonly retryable: boolean
  /** Whether coming back takes another token than the one shown. Default false. */
  readonly needsNewToken?: boolean
  /** HTTP status, where there was an HTTP answer. */
  readonly status?: number | undefined
  /** Milliseconds to wait before the next attempt, where the server said so. */
  readonly retryAfterMs?: number | undefined
  /** Whether the service itself said so, as against something on the way to it, or nobody. Default false. */
  readonly fromService?: boolean
  /** The rest of what the server told, for example `requested` and `available`. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

/** Every failure of this package: a refusal by the server, or the lack of an answer. */
export class RealtimeError extends Error {
  override readonly name = 'RealtimeError'
  declare readonly code: RealtimeErrorCode
  declare readonly retryable: boolean
  declare readonly needsNewToken: boolean
  declare readonly status: number | undefined
  declare readonly retryAfterMs: number | undefined
  declare readonly fromService: boolean
  declare readonly details: Readonly<Record<string, unknown>>

  constructor(code: RealtimeErrorCode, message: string, options: RealtimeErrorOptions) {
    // It takes `cause`, where there is one.
    super(message, options)
    const known = defined({ ...options })
    Object.assign(this, { needsNewToken: false, fromService: false, details: {}, code }, known)
  }
}

/** What may succeed later. */
export const passing = (
  code: ClientErrorCode,
  message: string,
  more?: Omit<RealtimeErrorOptions, 'retryable'>,
): RealtimeError => new RealtimeError(code, message, { ...more, retryable: true })

/** What stays as it is until a person does something else. */
export const final = (code: ClientErrorCode, message: string): RealtimeError =>
  new RealtimeError(code, message, { retryable: false })

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/**
 * Reads what the service says of an error: a problem document, `connect_error.data`, `session:closing`, the refusal in an
 * acknowledgement. Undefined where `value` has no code or no say on retrying: then it is not this service that speaks.
 */
export const serviceErrorFrom = (
  value: unknown,
  status?: number,
  retryAfter?: number,
): RealtimeError | undefined => {
  if (!isRecord(value)) return undefined
  const { code, message, title, detail = message ?? title, retryable, ...more } = value
  if (typeof code !== 'string' || typeof retryable !== 'boolean') return undefined
  const { needsNewToken, retryAfterMs, ...details } = more
  return new RealtimeError(code, typeof detail === 'string' ? detail : code, {
    retryable,
    needsNewToken: needsNewToken === true,
    status,
    retryAfterMs: durationOf(retryAfterMs) ?? retryAfter,
    fromService: true,
    details: withoutFixed(details),
  })
}

const withoutFixed = ({ type: _type, status: _status, ...details }: Record<string, unknown>) =>
  details

/**
 * Makes the error of an HTTP answer. One that is not the service's comes from a proxy or the log-in page of a network in its
 * place, and that passes.
 */
export const problemFrom = (
  status: number,
  body: unknown,
  retryAfterHeader: string | null,
): RealtimeError => {
  const retryAfterMs = durationOf(Number(retryAfterHeader ?? Number.NaN) * 1000)
  return serviceErrorFrom(body, status, retryAfterMs) ?? foreignAnswer(status, retryAfterMs)
}

/** Something answered in the service's place; nothing of it is taken for data, and it may be gone the next time. */
export const foreignAnswer = (status?: number, retryAfterMs?: number): RealtimeError =>
  passing('UNEXPECTED_ANSWER', 'Something else answered', {
    status,
    retryAfterMs,
  })

/** Makes a `RealtimeError` of anything thrown: what is not one already may be tried again. */
export const realtimeErrorFrom = (thrown: unknown, code: ClientErrorCode): RealtimeError =>
  thrown instanceof RealtimeError
    ? thrown
    : passing(code, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })

const durationOf = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value < Infinity ? value : undefined

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
  readonly code: RealtimeErrorCode
  readonly retryable: boolean
  readonly needsNewToken: boolean
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  readonly fromService: boolean
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: RealtimeErrorCode, message: string, options: RealtimeErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable
    this.needsNewToken = options.needsNewToken ?? false
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
    this.fromService = options.fromService ?? false
    this.details = options.details ?? {}
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads the error of a socket: `connect_error.data`, `session:closing`, or an acknowledgement. Undefined where
 * `value` has no code and no say on retrying: then it is not the server of this contract that speaks.
 */
export const wireErrorFrom = (
  value: unknown,
  fallbackMessage: string,
): RealtimeError | undefined => {
  if (!isRecord(value)) return undefined
  const { code, retryable, needsNewToken, retryAfterMs, message } = value
  if (typeof code !== 'string' || typeof retryable !== 'boolean') return undefined
  return new RealtimeError(code, typeof message === 'string' ? message : fallbackMessage, {
    retryable,
    needsNewToken: needsNewToken === true,
    retryAfterMs: positiveNumber(retryAfterMs),
    fromService: true,
  })
}

/**
 * Makes the error of an HTTP answer. The body's own `retryable` decides; without one, the statuses by which
 * HTTP itself says "later": 429, 502, 503, 504 (RFC 9110, RFC 6585). An answer without a code is no answer of the
 * service: a proxy or the log-in page of a network stands in its place, and that passes.
 */
export const problemFrom = (
  status: number,
  body: unknown,
  retryAfterHeader: string | null,
): RealtimeError => {
  const problem = isRecord(body) ? body : {}
  const { code, title, detail, retryable, needsNewToken, retryAfterMs } = problem
  const retryAfterSeconds = positiveNumber(Number(retryAfterHeader ?? Number.NaN))
  if (typeof code !== 'string') {
    return foreignAnswer(
      status,
      retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000,
    )
  }
  return new RealtimeError(
    code,
    [detail, title].find((text) => typeof text === 'string') ?? `HTTP ${status.toString()}`,
    {
      status,
      fromService: true,
      retryable: typeof retryable === 'boolean' ? retryable : RETRYABLE_STATUSES.has(status),
      needsNewToken: needsNewToken === true,
      retryAfterMs:
        positiveNumber(retryAfterMs) ??
        (retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000),
      details: problem,
    },
  )
}

/** Something answered in the service's place; nothing of it is taken for data, and it may be gone the next time. */
export const foreignAnswer = (status: number, retryAfterMs?: number): RealtimeError =>
  new RealtimeError(
    'UNEXPECTED_ANSWER',
    'The answer is not of this service: perhaps the network wants a log-in page to be filled in',
    { status, retryable: true, retryAfterMs },
  )

/** Makes a `RealtimeError` of anything thrown: what is not one already may be tried again. */
export const realtimeErrorFrom = (thrown: unknown, code: ClientErrorCode): RealtimeError => {
  if (thrown instanceof RealtimeError) return thrown
  return new RealtimeError(code, thrown instanceof Error ? thrown.message : String(thrown), {
    retryable: true,
    cause: thrown,
  })
}

const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504])

const positiveNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

/** The answers to "may I come back?": no; later, as I am; or with another token. */
export type ComeBack = 'no' | 'later' | 'with_new_token'

/**
 * The one table of everything that can go wrong and be told to a caller. HTTP status, `connect_error.data`,
 * acknowledgements, log levels and the client's decision to retry are all derived from it: a code added here
 * needs no edit elsewhere, and nothing else decides by a code's name.
 */
interface ErrorDefinition {
  /** HTTP status of the same refusal; for codes that only sockets see, the nearest one. */
  readonly status: number
  /** What the caller reads: fixed text, never a value from the request. */
  readonly message: string
  readonly comeBack: ComeBack
  /** Level of the log line: a refused caller is `info`, our own fault is `error`. */
  readonly level: 'info' | 'warn' | 'error'
  /** An access token was shown and does not serve: the challenge is `invalid_token`, and why stays ours (RFC 6750). */
  readonly refusesToken: boolean
  /** It may have been made up: counts against the address that it came from. */
  readonly isGuess: boolean
}

const refusal = (status: number, message: string): ErrorDefinition => ({
  status,
  message,
  comeBack: 'no',
  level: 'info',
  refusesToken: false,
  isGuess: false,
})
const transient = (status: number, message: string): ErrorDefinition => ({
  ...refusal(status, message),
  comeBack: 'later',
  level: 'warn',
})
/**
 * A missing token costs nothing, and one that is too old or too new is genuine: counting those as guesses would lock out
 * a clinic behind one address when its tablets wake up in the morning.
 */
const guess = (message: string): ErrorDefinition => ({ ...refusal(401, message), isGuess: true })
const refusedToken = (message: string): ErrorDefinition => ({
  ...guess(message),
  refusesToken: true,
})
const genuineToken = (message: string, comeBack: ComeBack): ErrorDefinition => ({
  ...refusal(401, message),
  comeBack,
  refusesToken: true,
})

export const ERRORS = {
  AUTH_TOKEN_MISSING: refusal(401, 'Authentication token required'),
  AUTH_TOKEN_INVALID: refusedToken('Invalid authentication token'),
  AUTH_TOKEN_EXPIRED: genuineToken('Authentication token expired', 'with_new_token'),
  AUTH_TOKEN_NOT_YET_VALID: genuineToken('Authentication token is not valid yet', 'later'),
  AUTH_USER_UNKNOWN: refusedToken('User not found'),
  AUTH_USER_INACTIVE: refusedToken('Account is deactivated'),
  AUTH_SESSION_REVOKED: refusedToken('Session revoked'),
  AUTH_STALE: transient(503, 'Authorization cannot be confirmed'),
  AUTH_CREDENTIALS_INVALID: guess('Wrong user name or password'),
  AUTH_REFRESH_INVALID: guess('Refresh token is not valid; log in again'),
  AUTH_FORBIDDEN: refusal(403, 'Your role does not allow this'),
  // Not final: the places of a node that died come free by themselves.
  TOO_MANY_CONNECTIONS: { ...refusal(429, 'Too many connections'), comeBack: 'later' },
  RATE_LIMITED: transient(429, 'Too many attempts'),
  SLOW_CONSUMER: transient(503, 'Client reads too slowly'),
  SERVER_DRAINING: transient(503, 'Server is restarting'),
  SERVER_UNAVAILABLE: transient(503, 'Service temporarily unavailable'),
  EVENT_UNKNOWN: refusal(404, 'Unknown event'),
  EVENT_INVALID: refusal(400, 'Invalid event'),
  EVENT_NAME_RESERVED: refusal(400, 'This event name is reserved'),
  INTERNAL: { ...refusal(500, 'Internal error'), level: 'error' },
  VALIDATION_FAILED: refusal(400, 'The request is not valid'),
  NOT_FOUND: refusal(404, 'Not found'),
  METHOD_NOT_ALLOWED: refusal(405, 'Method not allowed'),
  PAYLOAD_TOO_LARGE: refusal(413, 'The request body is too large'),
  UNSUPPORTED_MEDIA_TYPE: refusal(415, 'Send application/json'),
  IDEMPOTENCY_KEY_REUSED: refusal(422, 'This Idempotency-Key was used with another request'),
  IDEMPOTENCY_IN_PROGRESS: transient(409, 'A request with this Idempotency-Key is still running'),
  INVENTORY_ITEM_NOT_FOUND: refusal(404, 'No such item'),
  INVENTORY_LOT_NOT_FOUND: refusal(404, 'No such lot'),
  INVENTORY_SKU_EXISTS: refusal(409, 'An item with this sku exists'),
  INVENTORY_ITEM_ARCHIVED: refusal(409, 'The item is archived'),
  INVENTORY_INSUFFICIENT_STOCK: refusal(409, 'Not enough stock'),
  INVENTORY_COUNT_CONFLICT: refusal(409, 'The lot does not hold what was expected'),
  INVENTORY_LOT_MISMATCH: refusal(409, 'The lot exists with another expiry date'),
  INVENTORY_QUANTITY_LIMIT: refusal(422, 'The quantity would exceed 2147483647'),
  INVENTORY_VERSION_CONFLICT: refusal(412, 'The item was changed in the meantime'),
  ALERT_NOT_FOUND: refusal(404, 'No such alert'),
  USER_NOT_FOUND: refusal(404, 'No such user'),
  USER_EXISTS: refusal(409, 'A user with this name or e-mail exists'),
  USER_LAST_ADMIN: refusal(409, 'The last active administrator cannot be removed'),
  GRANT_NOT_FOUND: refusal(404, 'No such grant'),
  USER_ACTIVE: refusal(409, 'The user is active; deactivate the account first'),
  BREAK_GLASS_FORBIDDEN: refusal(403, 'Your role may not take another one in an emergency'),
  BREAK_GLASS_NOT_NEEDED: refusal(409, 'You have this role already'),
  REVIEW_FORBIDDEN: refusal(403, 'Somebody else has to close this review'),
  REVIEW_TOO_EARLY: refusal(409, 'The role is still in force: end it first'),
  REVIEW_CLOSED: refusal(409, 'This review is closed already'),
  CONNECTION_NOT_FOUND: refusal(404, 'No such connection'),
  ENTRY_UNKNOWN: refusal(404, 'No such entry of the log is on record'),
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof ERRORS

/** What a refused socket or acknowledgement carries beside its message. */
export interface ErrorData {
  readonly code: ErrorCode
  /** Whether to come back. */
  readonly retryable: boolean
  /** Present where coming back helps only with another token than the one shown. */
  readonly needsNewToken?: true
  readonly retryAfterMs?: number
}

/** What a caller is told about coming back after `code`, in the words of the wire. */
export const comeBackOf = (code: ErrorCode): Pick<ErrorData, 'retryable' | 'needsNewToken'> => {
  const { comeBack } = ERRORS[code]
  return {
    retryable: comeBack !== 'no',
    ...(comeBack === 'with_new_token' ? { needsNewToken: true } : {}),
  }
}

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERRORS, value)

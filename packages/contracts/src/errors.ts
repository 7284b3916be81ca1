/**
 * The one table of everything that can go wrong and be told to a caller. HTTP status, `connect_error.data`,
 * acknowledgements, log levels and the client's decision to retry are all derived from it: a code added here
 * needs no edit elsewhere.
 */
interface ErrorDefinition {
  /** HTTP status of the same refusal; for codes that only sockets see, the nearest one. */
  readonly status: number
  /** What the caller reads: fixed text, never a value from the request. */
  readonly message: string
  /** Whether the same attempt may succeed later (for `AUTH_TOKEN_EXPIRED`: with a new token). */
  readonly retryable: boolean
  /** Level of the log line: a refused caller is `info`, our own fault is `error`. */
  readonly level: 'info' | 'warn' | 'error'
}

const refusal = (status: number, message: string): ErrorDefinition => ({
  status,
  message,
  retryable: false,
  level: 'info',
})
const transient = (status: number, message: string): ErrorDefinition => ({
  status,
  message,
  retryable: true,
  level: 'warn',
})

export const ERRORS = {
  AUTH_TOKEN_MISSING: refusal(401, 'Authentication token required'),
  AUTH_TOKEN_INVALID: refusal(401, 'Invalid authentication token'),
  AUTH_TOKEN_EXPIRED: { ...refusal(401, 'Authentication token expired'), retryable: true },
  AUTH_TOKEN_NOT_YET_VALID: transient(401, 'Authentication token is not valid yet'),
  AUTH_USER_UNKNOWN: refusal(401, 'User not found'),
  AUTH_USER_INACTIVE: refusal(401, 'Account is deactivated'),
  AUTH_SESSION_REVOKED: refusal(401, 'Session revoked'),
  AUTH_STALE: transient(503, 'Authorization cannot be confirmed'),
  AUTH_CREDENTIALS_INVALID: refusal(401, 'Wrong user name or password'),
  AUTH_REFRESH_INVALID: refusal(401, 'Refresh token is not valid; log in again'),
  AUTH_FORBIDDEN: refusal(403, 'Your role does not allow this'),
  TOO_MANY_CONNECTIONS: refusal(429, 'Too many connections'),
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
  INVENTORY_LOT_MISMATCH: refusal(409, 'The lot exists with another expiry date'),
  INVENTORY_QUANTITY_LIMIT: refusal(422, 'The quantity would exceed 2147483647'),
  INVENTORY_VERSION_CONFLICT: refusal(412, 'The item was changed in the meantime'),
  USER_NOT_FOUND: refusal(404, 'No such user'),
  USER_EXISTS: refusal(409, 'A user with this name or e-mail exists'),
  USER_LAST_ADMIN: refusal(409, 'The last active administrator cannot be removed'),
  CONNECTION_NOT_FOUND: refusal(404, 'No such connection'),
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof ERRORS

/** What a refused socket or acknowledgement carries beside its message. */
export interface ErrorData {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterMs?: number
}

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERRORS, value)

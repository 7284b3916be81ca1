import type { Format } from './format.js'
import type { RefusalSentences } from './refusal-sentences.js'

export const refusalEn = (f: Format): RefusalSentences => {
  const later = (ms: number | undefined): string =>
    ms === undefined ? 'Try again in a moment.' : `Try again in ${f.duration(ms)}.`
  const loginAgain = 'Sign in again.'
  return {
    AUTH_TOKEN_MISSING: () => `You are not signed in. ${loginAgain}`,
    AUTH_TOKEN_INVALID: () => `Your session is not valid any more. ${loginAgain}`,
    AUTH_TOKEN_EXPIRED: () => `Your session has ended. ${loginAgain}`,
    AUTH_TOKEN_NOT_YET_VALID: () => 'Your session begins in a moment. Try again shortly.',
    AUTH_USER_UNKNOWN: () => 'This account does not exist any more. Ask your administrator.',
    AUTH_USER_INACTIVE: () => 'This account is deactivated. Ask your administrator.',
    AUTH_SESSION_REVOKED: () => `An administrator has ended your session. ${loginAgain}`,
    AUTH_STALE: () =>
      'The server cannot confirm your rights at the moment. It tries again by itself.',
    AUTH_CREDENTIALS_INVALID: () => 'The user name or the password is wrong.',
    AUTH_REFRESH_INVALID: () => `Your session has ended. ${loginAgain}`,
    AUTH_FORBIDDEN: () => 'Your role does not allow this.',
    TOO_MANY_CONNECTIONS: (n) =>
      `You are signed in on too many devices. Close one. ${later(n.retryAfterMs)}`,
    RATE_LIMITED: (n) => `Too many attempts. ${later(n.retryAfterMs)}`,
    SLOW_CONSUMER: () => 'The connection is too slow to keep up. It is made anew.',
    SERVER_DRAINING: () => 'The server is restarting. It comes back by itself.',
    SERVER_UNAVAILABLE: (n) => `The server is busy or starting. ${later(n.retryAfterMs)}`,
    EVENT_UNKNOWN: () => 'The server does not know this request. Reload the page.',
    EVENT_INVALID: () => 'The server could not read this request. Reload the page.',
    EVENT_NAME_RESERVED: () => 'This name belongs to the system. Choose another one.',
    INTERNAL: () => 'Something went wrong in the server. Tell your administrator.',
    VALIDATION_FAILED: (n) =>
      n.fields.length === 0
        ? 'Something is not filled in as it should be.'
        : `Please check: ${f.list(n.fields)}.`,
    NOT_FOUND: () => 'This does not exist any more.',
    METHOD_NOT_ALLOWED: () => 'The server does not take this request. Reload the page.',
    PAYLOAD_TOO_LARGE: () => 'This is too much at once. Send less.',
    UNSUPPORTED_MEDIA_TYPE: () => 'The server does not take this kind of file.',
    IDEMPOTENCY_KEY_REUSED: () => 'This was sent before with other content. Enter it again.',
    IDEMPOTENCY_IN_PROGRESS: () => 'This is still being recorded. It counts once.',
    INVENTORY_ITEM_NOT_FOUND: () => 'This item is not in the stock any more.',
    INVENTORY_LOT_NOT_FOUND: () => 'This lot is not in the stock any more.',
    INVENTORY_SKU_EXISTS: () => 'There is an item with this code already.',
    INVENTORY_ITEM_ARCHIVED: () => 'This item has been taken out of the stock.',
    INVENTORY_INSUFFICIENT_STOCK: (n) =>
      n.available === undefined || n.requested === undefined
        ? 'There is not that much in stock.'
        : n.available === 0
          ? `None is left; you asked for ${f.number(n.requested)}.`
          : f.plural(n.available, {
              one: `Only # is left; you asked for ${f.number(n.requested)}.`,
              other: `Only # are left; you asked for ${f.number(n.requested)}.`,
            }),
    INVENTORY_LOT_MISMATCH: () => 'This lot is here already with another expiry date.',
    ALERT_NOT_FOUND: () => 'This alert is not there any more.',
    STORE_UNAVAILABLE: () =>
      'This device has no room to keep it. Nothing was recorded: free some space, or try again with a connection.',
    WRITE_NOT_REFUSED: () => 'This movement was not refused: there is nothing to decide.',
    WRITE_UNSETTLED: () =>
      'This movement may have been booked already. Wait until the server has answered.',
    INVENTORY_COUNT_CONFLICT: (n) =>
      n.expected === undefined || n.actual === undefined
        ? 'The stock of this lot has changed since you counted.'
        : `The stock of this lot has changed since you counted: ${f.number(n.expected)} then, ${f.number(n.actual)} now.`,
    INVENTORY_QUANTITY_LIMIT: () =>
      `This is more than the stock can hold (${f.number(2_147_483_647)}).`,
    INVENTORY_VERSION_CONFLICT: () => 'Somebody has changed this item in the meantime. Look again.',
    USER_NOT_FOUND: () => 'This user does not exist any more.',
    USER_EXISTS: () => 'There is a user with this name or e-mail already.',
    USER_LAST_ADMIN: () => 'This is the last active administrator and cannot be removed.',
    GRANT_NOT_FOUND: () => 'This role for a time is not there.',
    USER_ACTIVE: () => 'The user is active. Deactivate the account first.',
    BREAK_GLASS_FORBIDDEN: () =>
      'Your role may not take another one in an emergency. Ask an administrator.',
    BREAK_GLASS_NOT_NEEDED: () => 'You have this role already.',
    REVIEW_FORBIDDEN: () =>
      'Somebody else has to close this review: not the person, and nobody with an open one.',
    REVIEW_TOO_EARLY: () => 'The role is still in force. End it first.',
    REVIEW_CLOSED: () => 'This review is closed already.',
    CONNECTION_NOT_FOUND: () => 'This connection has ended already.',
    ENTRY_UNKNOWN: () => 'There is no record of an entry with this number.',
    NETWORK_ERROR: () => 'The server cannot be reached. Check the network.',
    TIMEOUT: () => 'The server did not answer in time.',
    TOKEN_UNAVAILABLE: () => 'Your session could not be renewed. It is tried again.',
    SIGNED_OUT: () => `You are signed out. ${loginAgain}`,
    CONNECTION_LOST: () => 'The connection was lost.',
    UNEXPECTED_ANSWER: () =>
      'Something else than the stock server answered. Does this network ask you to sign in first?',
    unknown: () => 'The server refused this. Tell your administrator.',
    unsure: () =>
      'No answer came, so it is not known whether this was recorded. Send it again: it counts once.',
    fieldName: (field) => FIELDS[field],
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  username: 'user name',
  password: 'password (at least 8 characters)',
  email: 'e-mail',
  role: 'role',
  sku: 'code',
  name: 'name',
  category: 'category',
  unit: 'unit',
  threshold: 'threshold',
  quantity: 'quantity',
  lotNumber: 'lot number',
  expiryDate: 'expiry date',
  validUntil: 'until when (after now, at most a year)',
  reason: 'reason',
  note: 'note',
}

import { AppError } from '../errors/app-error.js'
import { Budget } from './budget.js'
import { queuedBytes, webSocketOf, type Connection } from './connection.js'
import type { Session } from './session.js'

/** What one client may cost; each is a setting of the same name. */
export interface Limits {
  readonly maxConnectionsPerUser: number
  readonly connectAttemptsPerConnection: number
  /** Milliseconds that a connection may take to authenticate. */
  readonly authenticateWithinMs: number
  /** Packets of any kind; twice as many at once. */
  readonly eventsPerSecond: number
  readonly maxPayloadBytes: number
  /** Bytes that may wait for one socket for longer than a second. */
  readonly maxBufferedBytes: number
}

/** Bounds what one connection may try: so many attempts, one at a time, none beside a live session. */
export interface ConnectLimit {
  /** Throws `RATE_LIMITED` where the attempt is one too many; the caller closes the connection. */
  readonly begin: (connection: Connection) => void
  /** The attempt goes on elsewhere, and the next `begin` is its own. */
  readonly handOn: (connection: Connection) => void
  /** The attempt ended in a refusal: the connection may try again. */
  readonly refused: (connection: Connection) => void
}

/** Stock Socket.IO takes any number: 1,000 bad tokens were 1,000 look-ups on one connection (measured). */
export const createConnectLimit = (maxAttempts: number): ConnectLimit => ({
  begin(connection) {
    const attempts = attemptsOf(connection)
    if (attempts.isHandedOn) {
      attempts.isHandedOn = false
      return
    }
    if (attempts.isUnderWay || attempts.made >= maxAttempts) throw new AppError('RATE_LIMITED')
    attempts.made += 1
    attempts.isUnderWay = true
  },
  handOn(connection) {
    attemptsOf(connection).isHandedOn = true
  },
  refused(connection) {
    attemptsOf(connection).isUnderWay = false
  },
})

interface Attempts {
  made: number
  isUnderWay: boolean
  isHandedOn: boolean
}

/** On the connection itself: a weak map of all of them is work for every collection of garbage. */
const ATTEMPTS = Symbol('attempts')

const attemptsOf = (connection: Connection & { [ATTEMPTS]?: Attempts | undefined }): Attempts =>
  (connection[ATTEMPTS] ??= { made: 0, isUnderWay: false, isHandedOn: false })

/**
 * Watches how fast a connection sends, authenticated or not; calls `onExceeded` once, for a connection that has used up
 * two seconds' worth at once. Every packet counts, those of Socket.IO, each attachment, and those that keep it alive: of
 * these a client owes one for each ping of the server, in 25 s.
 */
export const limitPackets = (
  connection: Connection,
  perSecond: number,
  onExceeded: () => void,
): void => {
  const budget = new Budget(perSecond)
  const onPacket = (): void => {
    if (budget.spend()) return
    connection.off('packet', onPacket)
    connection.off('upgrading', onPacket)
    onExceeded()
  }
  connection.on('packet', onPacket)
  // Each probe on a WebSocket that the connection has not moved to yet.
  if (webSocketOf(connection) === undefined) connection.on('upgrading', onPacket)
}

/**
 * Makes the function that counts the requests by which a polling connection sends; false for one too many. An honest client
 * has a packet in each, so its packets are too many before; refused or empty ones would count for nothing.
 */
export const createPostLimit = (perSecond: number): ((connection: Connection) => boolean) => {
  const budgets = new WeakMap<Connection, Budget>()

  return (connection) => {
    const budget = budgets.get(connection) ?? new Budget(perSecond)
    budgets.set(connection, budget)
    return budget.spend()
  }
}

// One commit may change thousands of items: who reads has taken them long before this.
const GRACE_MS = 1_000
// More than this multiple of the bound is not waited for.
const AT_ONCE_FACTOR = 8

/**
 * Makes the function that cuts those sockets of the given ones that have been over the bound for a second, or are far
 * over it. Who has been over it is forgotten where it is seen not to be: all are to be looked at now and then.
 */
export const createSlowLimit = (
  maxBufferedBytes: number,
): ((sessions: Iterable<Session>) => void) => {
  const overSince = new WeakMap<Session, number>()

  return (sessions) => {
    const now = performance.now()
    for (const session of sessions) {
      const bytes = queuedBytes(session.socket.conn)
      if (bytes <= maxBufferedBytes) {
        overSince.delete(session)
        continue
      }
      const since = overSince.get(session) ?? now
      overSince.set(session, since)
      if (now - since < GRACE_MS && bytes < maxBufferedBytes * AT_ONCE_FACTOR) continue
      session.close('SLOW_CONSUMER', { retryAfterMs: 1_000 })
    }
  }
}

import { AppError } from '../errors/app-error.js'
import { queuedBytes, type Connection } from './connection.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'

/** What one client may cost; each is a setting of the same name. */
export interface Limits {
  readonly maxConnectionsPerUser: number
  readonly connectAttemptsPerConnection: number
  /** Milliseconds that a connection may take to authenticate. */
  readonly authenticateWithinMs: number
  /** Packets of Socket.IO; twice as many at once. */
  readonly eventsPerSecond: number
  readonly maxPayloadBytes: number
  /** Bytes that may wait for one socket for longer than a second. */
  readonly maxBufferedBytes: number
}

/** Bounds what one connection may try: so many attempts, one at a time, none beside a live session. */
export interface ConnectLimit {
  /** Throws `RATE_LIMITED` where the attempt is one too many; the caller closes the connection. */
  readonly begin: (connection: Connection) => void
  /** The attempt ended in a refusal: the connection may try again. */
  readonly refused: (connection: Connection) => void
}

/** Stock Socket.IO takes any number: 1,000 bad tokens were 1,000 look-ups on one connection (measured). */
export const createConnectLimit = (maxAttempts: number): ConnectLimit => {
  const attemptsOf = new WeakMap<Connection, { made: number; underWay: boolean }>()

  return {
    begin(connection) {
      const attempts = attemptsOf.get(connection) ?? { made: 0, underWay: false }
      attemptsOf.set(connection, attempts)
      if (attempts.underWay || attempts.made >= maxAttempts) throw new AppError('RATE_LIMITED')
      attempts.made += 1
      attempts.underWay = true
    },
    refused(connection) {
      const attempts = attemptsOf.get(connection)
      if (attempts !== undefined) attempts.underWay = false
    },
  }
}

/**
 * Watches how fast a connection sends, authenticated or not; calls `onExceeded` once, for a connection that has used up
 * two seconds' worth at once. Every Socket.IO packet counts, and each attachment.
 */
export const limitPackets = (
  connection: Connection,
  perSecond: number,
  onExceeded: () => void,
): void => {
  const burst = perSecond * 2
  let tokens = burst
  let filledAt = performance.now()

  const onPacket = ({ type }: { readonly type: string }): void => {
    if (type !== 'message') return
    const now = performance.now()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * perSecond)
    filledAt = now
    tokens -= 1
    if (tokens >= 0) return
    connection.off('packet', onPacket)
    onExceeded()
  }
  connection.on('packet', onPacket)
}

// One commit may change thousands of items: who reads has taken them long before this.
const GRACE_MS = 1_000
// More than this multiple of the bound is not waited for.
const AT_ONCE_FACTOR = 8

/** Makes the function that cuts the sockets that have been over the bound for a second, or are far over it. */
export const createSlowLimit = (sessions: Sessions, maxBufferedBytes: number): (() => void) => {
  const overSince = new WeakMap<Session, number>()

  return () => {
    const now = performance.now()
    for (const session of [...sessions.all()]) {
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

import type { Tail } from '../log/tail.js'
import { queuedBytes } from './connection.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'

/** What one client may cost; each is a setting of the same name. */
export interface Limits {
  readonly maxConnectionsPerUser: number
  readonly connectAttemptsPerConnection: number
  /** Milliseconds that a connection may take to authenticate. */
  readonly authenticateWithinMs: number
  readonly eventsPerSecond: number
  readonly maxPayloadBytes: number
  /** Bytes that may wait for one socket for longer than a second. */
  readonly maxBufferedBytes: number
  /** Age of the log's confirmation from which nobody is admitted and nothing ad-hoc is sent, in ms. */
  readonly authStaleAfterMs: number
  /** Age from which the sockets are closed, in ms. */
  readonly authCloseAfterMs: number
}

export interface Guards {
  /** Cuts the sockets that have been over the bound for a second, or are far over it. */
  readonly cutSlow: () => void
  readonly stop: () => void
}

const CHECK_EVERY_MS = 500
// One commit may change thousands of items: who reads has taken them long before this.
const GRACE_MS = 1_000
// More than this multiple of the bound is not waited for.
const AT_ONCE_FACTOR = 8

/** Watches what no event announces: clients that do not read, and this node being cut off from the log. */
export const createGuards = (deps: {
  readonly sessions: Sessions
  readonly tail: Tail | undefined
  readonly limits: Pick<Limits, 'maxBufferedBytes' | 'authCloseAfterMs'>
}): Guards => {
  /** Since when each session that is over the bound has been over it. */
  const overSince = new WeakMap<Session, number>()

  const cutSlow = (): void => {
    const now = performance.now()
    for (const session of [...deps.sessions.all()]) {
      const bytes = queuedBytes(session.socket.conn)
      if (bytes <= deps.limits.maxBufferedBytes) {
        overSince.delete(session)
        continue
      }
      const since = overSince.get(session) ?? now
      overSince.set(session, since)
      if (now - since < GRACE_MS && bytes < deps.limits.maxBufferedBytes * AT_ONCE_FACTOR) continue
      session.close('SLOW_CONSUMER', { retryAfterMs: 1_000 })
    }
  }

  /** A node that hears nothing may be the one that has not heard of a dismissal. */
  const fence = (): void => {
    if (deps.tail === undefined || deps.tail.confirmedAgeMs() < deps.limits.authCloseAfterMs) return
    for (const session of [...deps.sessions.all()]) session.close('AUTH_STALE')
  }

  const timer = setInterval(() => {
    cutSlow()
    fence()
  }, CHECK_EVERY_MS)

  return {
    cutSlow,
    stop: () => {
      clearInterval(timer)
    },
  }
}

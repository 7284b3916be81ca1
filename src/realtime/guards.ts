import type { Tail } from '../log/tail.js'
import { queuedBytes } from './connection.js'
import type { Sessions } from './sessions.js'

/** What one client may cost; each is a setting of the same name. */
export interface Limits {
  readonly maxConnectionsPerUser: number
  readonly connectAttemptsPerConnection: number
  /** Milliseconds that a connection may take to authenticate. */
  readonly authenticateWithinMs: number
  readonly eventsPerSecond: number
  readonly maxPayloadBytes: number
  /** Bytes that may wait for one socket. */
  readonly maxBufferedBytes: number
  /** Age of the log's confirmation from which nobody is admitted and nothing ad-hoc is sent, in ms. */
  readonly authStaleAfterMs: number
  /** Age from which the sockets are closed, in ms. */
  readonly authCloseAfterMs: number
}

export interface Guards {
  /** Cuts the sockets that read too slowly. */
  readonly cutSlow: () => void
  readonly stop: () => void
}

const CHECK_EVERY_MS = 500

/** Watches what no event announces: clients that do not read, and this node being cut off from the log. */
export const createGuards = (deps: {
  readonly sessions: Sessions
  readonly tail: Tail | undefined
  readonly limits: Pick<Limits, 'maxBufferedBytes' | 'authCloseAfterMs'>
}): Guards => {
  const cutSlow = (): void => {
    for (const session of [...deps.sessions.all()]) {
      if (queuedBytes(session.socket.conn) > deps.limits.maxBufferedBytes) {
        session.close('SLOW_CONSUMER', { retryAfterMs: 1_000 })
      }
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

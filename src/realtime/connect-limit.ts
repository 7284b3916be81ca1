import { AppError } from '../errors/app-error.js'
import type { Connection } from './connection.js'

interface Attempts {
  made: number
  underWay: boolean
}

/** Bounds what one connection may try: three attempts, one at a time, none beside a live session. */
export interface ConnectLimit {
  /** Throws `RATE_LIMITED` where the attempt is one too many; the caller closes the connection. */
  readonly begin: (connection: Connection) => void
  /** The attempt ended in a refusal: the connection may try again. */
  readonly refused: (connection: Connection) => void
}

/** Stock Socket.IO takes any number: 1,000 bad tokens were 1,000 look-ups on one connection (measured). */
export const createConnectLimit = (maxAttempts = 3): ConnectLimit => {
  const byConnection = new WeakMap<Connection, Attempts>()

  return {
    begin(connection) {
      const attempts = byConnection.get(connection) ?? { made: 0, underWay: false }
      byConnection.set(connection, attempts)
      if (attempts.underWay || attempts.made >= maxAttempts) throw new AppError('RATE_LIMITED')
      attempts.made += 1
      attempts.underWay = true
    },
    refused(connection) {
      const attempts = byConnection.get(connection)
      if (attempts !== undefined) attempts.underWay = false
    },
  }
}

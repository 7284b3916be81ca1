import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createFirstLook, type SocketAuthDeps } from '../middleware/socketAuth.js'
import type { RealtimeServer } from '../middleware/socket-types.js'
import { GOODBYE_MS } from './closing.js'
import { asConnection, leanOf, type Connection } from './connection.js'
import { FrontDoor, type DoorDeps } from './door.js'
import { createLeanUpgrade, type Engine } from './lean-upgrade.js'
import type { Limits } from './limits.js'
import { MAX_FRAGMENTS } from './web-socket-server.js'

export interface LeanServerDeps {
  readonly auth: Omit<SocketAuthDeps, 'afterCheck'>
  /** The attempt of a connection was not refused at the first look; the middleware goes on with it. */
  readonly onPassed: (connection: Connection) => void
  readonly onFlood: (connection: Connection) => void
  readonly limits: Limits
  /** No more are taken. */
  readonly isClosed: () => boolean
}

/**
 * Has connections that begin as a WebSocket served by `LeanConnection`, and Socket.IO told of them only once somebody is not
 * refused at the first look. Returns what serves a request to upgrade. Call it once, after `io.attach`.
 */
export const serveLean = (
  io: RealtimeServer,
  deps: LeanServerDeps,
): ((request: IncomingMessage, tcp: Duplex, head: Buffer) => boolean) => {
  const { limits } = deps
  // Declared with less than there is.
  const engine = io.engine as unknown as Engine
  const look = createFirstLook({
    ...deps.auth,
    onPassed: ({ conn }) => {
      deps.onPassed(conn)
    },
  })
  const takeOver = io.engine.listeners('connection')[0] as (connection: unknown) => void

  const door: DoorDeps = {
    authenticateWithinMs: limits.authenticateWithinMs,
    look: (connection, auth) =>
      look({ id: null, conn: asConnection(connection), data: {} }, auth, connection.request),
    open: (connection, leftMs) => {
      io.connectTimeout(leftMs)
      takeOver(connection)
      io.connectTimeout(limits.authenticateWithinMs)
    },
  }

  io.engine.off('connection', takeOver)
  io.engine.prependListener('connection', (connection: Connection) => {
    const lean = leanOf(connection)
    if (lean === undefined) takeOver(connection)
    else lean.door = new FrontDoor(door, lean)
  })
  return createLeanUpgrade({
    engine,
    limits: {
      framesPerSecond: limits.eventsPerSecond,
      maxFragments: MAX_FRAGMENTS,
      goodbyeMs: GOODBYE_MS,
    },
    onFlood: (connection) => {
      deps.onFlood(asConnection(connection))
    },
    isClosed: deps.isClosed,
  })
}

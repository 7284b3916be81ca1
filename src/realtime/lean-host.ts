import type { Data } from './engine-packet.js'
import type { FrameBounds } from './frame-reader.js'

/** What all lean connections of a server have in common. */
export interface LeanHost<Connection> extends FrameBounds {
  /** Milliseconds between a pong and the next ping. */
  readonly pingIntervalMs: number
  /** Milliseconds that a client has to answer a ping, once more where it says something else meanwhile. */
  readonly pingTimeoutMs: number
  /** Milliseconds from a close to the end of TCP, where the client does not answer it. */
  readonly goodbyeMs: number
  /** Packets and, apart from them, pings and pongs of WebSocket; twice as many at once. */
  readonly framesPerSecond: number
  readonly onFlood: (connection: Connection) => void
  readonly onEnd: (connection: Connection) => void
}

/** Stands before Socket.IO until it has let somebody in. */
export interface Door {
  /** Looks at what a client says; true where that was all there is to do about it. */
  readonly turnsAway: (data: Data) => boolean
  /** The connection has ended. */
  readonly shut: () => void
}

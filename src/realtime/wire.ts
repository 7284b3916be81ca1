import type { Socket as TcpSocket } from 'node:net'
import {
  leanOf,
  packetsOf,
  webSocketOf,
  type Connection,
  type WebSocketInside,
} from './connection.js'

/** The way of a connection into its TCP socket, past Socket.IO and engine.io. */
export interface Wire {
  /**
   * Writes WebSocket frames where nothing waits that they would overtake; false, and nothing written, where something does
   * or the connection polls. What is sent afterwards follows them: both end in the same TCP socket.
   */
  readonly writeIfIdle: (frames: Buffer) => boolean
}

/** Finds the way of `connection`, now and after each change of its transport. */
export const wireOf = (connection: Connection): Wire =>
  leanOf(connection) ?? new EngineWire(connection)

/**
 * Keeps what it has found: among thousands of sockets each step from one object to the next is a wait for memory, and all
 * of them together took a tenth of what a write takes.
 */
class EngineWire implements Wire {
  readonly #connection: Connection
  #webSocket: WebSocketInside | undefined
  #tcp: TcpSocket | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  writeIfIdle(frames: Buffer): boolean {
    const tcp = this.#tcp ?? this.#find()
    if (
      tcp === undefined ||
      // Not behind a close frame.
      this.#webSocket?.readyState !== OPEN ||
      // `ws` hands on at once what engine.io gives it: what waits, waits in one of these two.
      packetsOf(this.#connection).length > 0 ||
      tcp.writableLength > 0 ||
      !tcp.writable
    ) {
      return false
    }
    tcp.write(frames)
    return true
  }

  /** Undefined while the connection polls; from a WebSocket it never goes back. */
  #find(): TcpSocket | undefined {
    this.#webSocket = webSocketOf(this.#connection)
    this.#tcp = this.#webSocket?._socket ?? undefined
    return this.#tcp
  }
}

const OPEN = 1

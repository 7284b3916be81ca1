import type { Socket as TcpSocket } from 'node:net'
import type { RealtimeSocket } from '../middleware/socket-types.js'
import { LeanConnection } from './lean-connection.js'

/** The one engine.io connection below a socket. */
export type Connection = RealtimeSocket['conn']

/** The connections of an engine.io server by their ids; engine.io keeps this one to itself. */
export const connectionsOf = (engine: object): Readonly<Record<string, Connection>> =>
  Reflect.get(engine, 'clients') as Readonly<Record<string, Connection>>

/** The connection where it is one of ours; undefined where it is engine.io's: it polls, or has polled. */
export const leanOf = (connection: object): LeanConnection | undefined =>
  connection instanceof LeanConnection ? connection : undefined

/** One of ours as Socket.IO and back ends know it: it has what they use of engine.io's. */
export const asConnection = (lean: LeanConnection): Connection => lean as unknown as Connection

/** The parts of a `ws` socket that engine.io holds but does not declare. */
export interface WebSocketInside {
  readonly readyState: number
  readonly bufferedAmount: number
  readonly terminate: () => void
  readonly _socket?: TcpSocket | null
}

/** Bytes (UTF-16 units for text) that wait in this process to be sent to the client. */
export const queuedBytes = (connection: Connection): number => {
  const lean = leanOf(connection)
  if (lean !== undefined) return lean.waitingBytes
  let bytes = webSocketOf(connection)?.bufferedAmount ?? 0
  for (const packet of packetsOf(connection)) bytes += packet.data?.length ?? 0
  return bytes
}

/** Whether nothing waits, so that what is sent now goes out now. */
export const isIdle = (connection: Connection): boolean =>
  connection.transport.writable && queuedBytes(connection) === 0

/**
 * Whether all that was sent is in the hands of the kernel, as far as is known: of a connection that has ended it is not. One that
 * polls and is between two requests may not have got what it was answered.
 */
export const hasWritten = (connection: Connection): boolean =>
  isIdle(connection) && tcpOf(connection)?.writable !== false

/** Ends the connection at once, TCP included; what waits is lost. A plain close flushes first. */
export const reset = (connection: Connection): void => {
  const lean = leanOf(connection)
  if (lean !== undefined) {
    lean.reset()
    return
  }
  packetsOf(connection).length = 0
  const webSocket = webSocketOf(connection)
  webSocket?._socket?.resetAndDestroy()
  webSocket?.terminate()
  connection.close(true)
}

/** Has all that is sent to the client in this turn of the event loop go out in one write at its end. */
export const joinWrites = (connection: Connection): void => {
  leanOf(connection)?.join()
}

/** Resolves when nothing waits any more or the connection has ended; to false where that takes longer than `withinMs`. */
export const drained = async (connection: Connection, withinMs: number): Promise<boolean> => {
  const deadline = performance.now() + withinMs
  // What fits into the kernel is gone in the next tick.
  if (!isIdle(connection)) await new Promise(setImmediate)
  while (connection.readyState === 'open' && !isIdle(connection)) {
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_EVERY_MS))
  }
  return true
}

// engine.io tells when it has handed its packets to the transport, but nobody tells when ws has sent its own.
const DRAIN_CHECK_EVERY_MS = 5

interface QueuedPacket {
  readonly data?: { readonly length: number }
}

/** engine.io declares its queue as private; it has been this array since version 1. */
export const packetsOf = (connection: Connection): QueuedPacket[] =>
  Reflect.get(connection, 'writeBuffer') as QueuedPacket[]

/** The WebSocket of `ws` that carries the connection; undefined while it polls, and where it is one of ours. */
export const webSocketOf = (connection: Connection): WebSocketInside | undefined =>
  connection.transport.name === 'websocket' && leanOf(connection) === undefined
    ? (Reflect.get(connection.transport, 'socket') as WebSocketInside)
    : undefined

/** What carries the connection; undefined while it polls. */
export const tcpOf = (connection: Connection): TcpSocket | undefined =>
  leanOf(connection)?.tcp ?? webSocketOf(connection)?._socket ?? undefined

const NOTHING = Object.freeze({})
const NO_REQUEST = Object.freeze({ headers: NOTHING, url: '' })

/** Lets go of what the handshake of a socket brought: 2 kB that would stay as long as it does. */
export const forgetRequest = ({ conn, handshake, request }: RealtimeSocket): void => {
  handshake.headers = NOTHING
  handshake.query = NOTHING
  handshake.auth = NOTHING
  request.headers = NOTHING
  Reflect.set(conn, 'request', NO_REQUEST)
}

import { io } from 'socket.io-client'
import { monotonicMs } from './moments.js'

/** What one stock client saw, in ms of `monotonicMs`; undefined for what has not been. */
export interface Watched {
  readonly node: number
  /** `upgraded`: it begins by polling, as the client does unless it is told otherwise. */
  readonly transport: 'websocket' | 'upgraded' | 'polling'
  /** Of its TCP connection when `session:closing` came; 0 where it polled. */
  readonly port: () => number
  readonly connectedAt: () => number | undefined
  /** When `session:closing` came. */
  readonly toldAt: () => number | undefined
  /** When the socket was no longer connected. */
  readonly endedAt: () => number | undefined
  /** When `session:role` came. */
  readonly movedAt: () => number | undefined
  /** What the server said when the client came back by itself, as it does after an end. */
  readonly refusal: () => string | undefined
  /** Numbers of the stock events, in the order of their arrival. */
  readonly seqs: readonly number[]
  readonly stop: () => void
}

/** Connects the client with its defaults, but over one transport, and to a node of its own. */
export const watch = (
  url: string,
  { node, transport, token }: Pick<Watched, 'node' | 'transport'> & { readonly token: string },
): Watched => {
  const seqs: number[] = []
  let port = 0
  let refusal: string | undefined
  const at: Partial<Record<'connected' | 'told' | 'ended' | 'moved', number>> = {}
  const transports = transport === 'upgraded' ? ['polling', 'websocket'] : [transport]
  const socket = io(url, { forceNew: true, transports, auth: { token } })
  socket.on('connected', () => {
    at.connected ??= monotonicMs()
  })
  socket.on('inventory:update', ({ seq }: { seq: number }) => {
    seqs.push(seq)
  })
  socket.on('session:closing', () => {
    at.told ??= monotonicMs()
    // The client holds what `ws` gave it, and declares neither.
    const { ws } = socket.io.engine.transport as unknown as {
      readonly ws?: { readonly _socket?: { readonly localPort?: number } }
    }
    port = ws?._socket?.localPort ?? 0
  })
  socket.on('session:role', () => {
    at.moved ??= monotonicMs()
  })
  socket.on('disconnect', () => {
    at.ended ??= monotonicMs()
  })
  socket.on('connect_error', ({ message }) => {
    // After a refusal, and only then, it does not try again.
    if (!socket.active) refusal ??= message
  })
  return {
    node,
    transport,
    port: () => port,
    connectedAt: () => at.connected,
    toldAt: () => at.told,
    endedAt: () => at.ended,
    movedAt: () => at.moved,
    refusal: () => refusal,
    seqs,
    stop: () => {
      socket.disconnect()
    },
  }
}

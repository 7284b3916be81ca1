import type { Connection } from './connection.js'

/** Time that a peer has to answer the close frame; `ws` waits for 30 s. */
const GOODBYE_MS = 1_000

/**
 * Ends a connection down to TCP soon after its close: a peer that never answers the close frame would keep its place for
 * half a minute beyond every limit.
 */
export const endLingering = (connection: Connection): void => {
  connection.once('close', () => {
    if (connection.transport.name !== 'websocket') return
    // engine.io holds the `ws` socket, but does not declare it.
    const webSocket = Reflect.get(connection.transport, 'socket') as { terminate: () => void }
    setTimeout(() => {
      webSocket.terminate()
    }, GOODBYE_MS).unref()
  })
}

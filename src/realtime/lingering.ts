import { webSocketOf, type Connection } from './connection.js'

/** Time that a peer has to answer the close frame; `ws` waits for 30 s. */
const GOODBYE_MS = 1_000

/**
 * Ends a connection down to TCP soon after its close, whoever closed it: a peer that never answers the close frame would
 * keep its place for half a minute beyond every limit. Where a right ended, `cut` does not wait for this.
 */
export const endLingering = (connection: Connection): void => {
  connection.once('close', () => {
    const webSocket = webSocketOf(connection)
    if (webSocket === undefined) return
    setTimeout(() => {
      webSocket.terminate()
    }, GOODBYE_MS).unref()
  })
}

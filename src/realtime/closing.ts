import type { Server as HttpServer } from 'node:http'
import type { Socket as TcpSocket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionClosing } from '@uzima/contracts'
import type { RealtimeServer, RealtimeSocket } from '../middleware/socket-types.js'
import { isIdle, leanOf, reset, tcpOf, webSocketOf, type Connection } from './connection.js'

/**
 * Ends the connection without sending what waits. A client that reads gets `session:closing` first; for one that
 * does not, it would only queue behind what must not be sent. Stock clients come back after this by themselves.
 * Resolves when nothing more can reach the client.
 */
export const cut = (socket: RealtimeSocket, notice: SessionClosing): Promise<void> => {
  const connection = socket.conn
  // What is kept for the end of this turn does not wait for the client.
  leanOf(connection)?.release()
  if (isIdle(connection)) {
    const tcp = tcpOf(connection)
    // The notice, the close frame and the end of TCP go out in one write. Who waited with the last for the client's own close
    // frame made it wait for two more turns of busy processes, the longest part of an end (docs/security-figures.md).
    tcp?.cork()
    socket.emit('session:closing', notice)
    // Polling between two requests: the notice waits for the next one, which has 30 s to come. One of ours would wait for
    // what is corked.
    connection.close(leanOf(connection) !== undefined)
    tcp?.end()
    return tcp ? endedWithin(tcp, FAREWELL_MS) : Promise.resolve()
  }
  // A plain close flushes first: a slow reader then read 20 MB after its revocation (measured). A reset does not.
  reset(connection)
  return Promise.resolve()
}

/**
 * How long a client has to answer the close frame. Idle means only that nothing waits in this process: the kernel may
 * hold megabytes for a client that does not read, and would send them to it after its revocation (measured).
 */
const FAREWELL_MS = 150

/** Resolves when the connection has ended; one that takes longer is reset, which discards what the kernel holds. */
const endedWithin = (tcp: TcpSocket, withinMs: number): Promise<void> =>
  new Promise((resolve) => {
    if (tcp.closed) {
      resolve()
      return
    }
    const timer = setTimeout(() => {
      tcp.resetAndDestroy()
    }, withinMs)
    tcp.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/** Of the WebSocket API: TCP has ended. */
const CLOSED = 3

/** Time that a peer has to answer the close frame; `ws` waits for 30 s. */
export const GOODBYE_MS = 1_000

/**
 * Ends a connection of engine.io down to TCP soon after its close, whoever closed it: a peer that never answers the close
 * frame would keep its place for half a minute beyond every limit. Where a right ended, `cut` does not wait for this.
 */
export const endLingering = (connection: Connection): void => {
  connection.on('close', () => {
    const webSocket = webSocketOf(connection)
    // Who left by himself has closed TCP, too.
    if (webSocket === undefined || webSocket.readyState === CLOSED) return
    setTimeout(() => {
      webSocket.terminate()
    }, GOODBYE_MS).unref()
  })
}

/**
 * Makes the fence: called now and then, it closes all sessions of a node that has heard nothing for so long. It may be
 * the one that has not heard of a dismissal.
 */
export const createFence =
  (deps: {
    readonly knowledgeAgeMs: () => number
    readonly closeAfterMs: number
    readonly closeAll: () => void
  }): (() => void) =>
  () => {
    if (deps.knowledgeAgeMs() >= deps.closeAfterMs) deps.closeAll()
  }

const LOOK_EVERY_MS = 5

/**
 * Resolves when everybody who had reached this node has a session, or `withinMs` later. A stock client that is turned
 * away half-way waits for its first attempt a second time (up to 3 s without events); one that is let in and then sent
 * on has been at the head in between.
 */
export const handshakesDone = async (
  underWay: {
    readonly io: RealtimeServer
    /** No longer listens, or those who come meanwhile are waited for, too. */
    readonly httpServer: HttpServer
    readonly sessionCount: () => number
  },
  withinMs: number,
): Promise<void> => {
  const { io, httpServer, sessionCount } = underWay
  const deadline = performance.now() + withinMs
  for (;;) {
    // A TCP connection without a session: its upgrade, or its CONNECT, is still on the way.
    const reached = Math.max(io.engine.clientsCount, await connectionsOf(httpServer))
    if (reached <= sessionCount() || performance.now() > deadline) return
    await delay(LOOK_EVERY_MS)
  }
}

const connectionsOf = (httpServer: HttpServer): Promise<number> =>
  new Promise((resolve) => {
    httpServer.getConnections((error, count) => {
      resolve(error === null ? count : 0)
    })
  })

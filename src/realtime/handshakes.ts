import type { Server as HttpServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { RealtimeServer } from './socket-types.js'
import type { Sessions } from './sessions.js'

export interface HandshakesUnderWay {
  readonly io: RealtimeServer
  /** No longer listens, or those who come meanwhile are waited for, too. */
  readonly httpServer: HttpServer
  readonly sessions: Sessions
}

const LOOK_EVERY_MS = 5

/**
 * Resolves when everybody who had reached this node has a session, or `withinMs` later. A stock client that is turned
 * away half-way waits for its first attempt a second time (up to 3 s without events); one that is let in and then sent
 * on has been at the head in between.
 */
export const handshakesDone = async (
  { io, httpServer, sessions }: HandshakesUnderWay,
  withinMs: number,
): Promise<void> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    // A TCP connection without a session: its upgrade, or its CONNECT, is still on the way.
    const reached = Math.max(io.engine.clientsCount, await connectionsOf(httpServer))
    if (reached <= sessions.size() || performance.now() > deadline) return
    await delay(LOOK_EVERY_MS)
  }
}

const connectionsOf = (httpServer: HttpServer): Promise<number> =>
  new Promise((resolve) => {
    httpServer.getConnections((error, count) => {
      resolve(error === null ? count : 0)
    })
  })

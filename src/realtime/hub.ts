import type { Server as HttpServer } from 'node:http'
import { Server } from 'socket.io'
import { AppError } from '../errors/app-error.js'
import { createOriginRule } from '../middleware/origin.js'
import type { RealtimeServer } from '../middleware/socket-types.js'
import {
  createSocketAuth,
  type AttemptObserver,
  type SocketAuthDeps,
} from '../middleware/socketAuth.js'
import type { Publisher } from '../ports/realtime.js'
import type { RedisState } from '../ports/redis-state.js'
import { createFence, endLingering, handshakesDone } from './closing.js'
import {
  connectionsOf,
  joinWrites,
  leanOf,
  reset,
  webSocketOf,
  type Connection,
} from './connection.js'
import { createConnectionSlots } from './connection-slots.js'
import { createConnectLimit, createPostLimit, createSlowLimit, limitPackets } from './limits.js'
import type { HubDeps } from './hub-deps.js'
import { createOpening } from './opening.js'
import { answerOtherUpgrades } from './other-upgrades.js'
import { createPresence, type NodePresence } from './presence.js'
import { createPublisher } from './publisher.js'
import { serveLean } from './lean-server.js'
import { createLinkAdapter } from './redis-adapter.js'
import { createRedisLink, type RedisLink } from './redis.js'
import { guardRequests } from './request-gate.js'
import type { Session } from './session.js'
import { createSessions, type Sessions } from './sessions.js'
import { createWebSocketEngine } from './web-socket-server.js'

/** Real time for one HTTP server. */
export interface Hub {
  readonly io: RealtimeServer
  /** Serves `/socket.io/` on `httpServer`, beside what it serves already. Call it once. */
  readonly attach: (httpServer: HttpServer) => void
  readonly publisher: Publisher
  readonly presence: NodePresence
  readonly sessions: Sessions
  /** How the link between the nodes is; undefined where there is one node only. */
  readonly redisState: () => RedisState | undefined
  /** Goes on as a node of another service: what was shared through Redis under the old name is left behind. */
  readonly moveTo: (service: string) => void
  /** Cuts the sockets for which too much waits; done twice a second, and to be done for those whose queue has grown. */
  readonly cutSlow: (sessions: Iterable<Session>) => void
  /** Ends all sessions with a retryable code, then the server. A second call waits for the first. */
  readonly close: (options?: HubCloseOptions) => Promise<void>
}

export interface HubCloseOptions {
  /** What clients are told to wait is spread over this time. Default 0. */
  readonly spreadMs?: number
  /** How long who is connecting is let in before, to be sent on with the others. Default 0: is turned away. */
  readonly handshakesWithinMs?: number
}

const WATCH_EVERY_MS = 500

/** Builds Socket.IO, authenticated and linked to the other nodes. What the log says reaches it through `sessions`. */
export const createHub = (deps: HubDeps): Hub => {
  const { attempts, admission, limits, knowledge, keepsRequests = true, features = [] } = deps
  const sessions = createSessions()
  const mayPost = createPostLimit(limits.eventsPerSecond)
  const connectLimit = createConnectLimit(limits.connectAttemptsPerConnection)
  let draining = false
  let isEnded = false
  let attachedTo: HttpServer | undefined
  let closing: Promise<void> | undefined

  const redis: RedisLink | undefined =
    deps.redis === undefined
      ? undefined
      : createRedisLink({
          ...deps.redis,
          onState: deps.observer.redisState,
          onDropped: deps.observer.dropped,
        })

  const cutFlooding = (connection: Connection): void => {
    const session = sessions.byConnection(connection)
    if (session === undefined) {
      reset(connection)
      return
    }
    session.close('RATE_LIMITED', { retryAfterMs: 1_000 })
    connection.close(true)
  }

  const io: RealtimeServer = new Server({
    ...(redis === undefined
      ? {}
      : {
          adapter: createLinkAdapter(redis, {
            mayDeliver: () => knowledge.freshness() === 'fresh' || knowledge.confirm(),
            onUnreadable: (error) => {
              deps.observer.dropped('in', error)
            },
          }),
        }),
    transports: [...deps.transports],
    serveClient: false,
    maxHttpBufferSize: limits.maxPayloadBytes,
    wsEngine: createWebSocketEngine(limits.eventsPerSecond, (webSocket) => {
      const connection = Object.values(connectionsOf(io.engine)).find(
        (one) => webSocketOf(one) === webSocket,
      )
      // Without one it belongs to an upgrade that has not taken place.
      if (connection === undefined) webSocket.terminate()
      else cutFlooding(connection)
    }),
    connectTimeout: limits.authenticateWithinMs,
    // Never connectionStateRecovery: it sends what was missed before the middleware has run (measured).
  })

  const slots = createConnectionSlots({ maxPerUser: limits.maxConnectionsPerUser, redis })
  const presence = createPresence({ nodeName: deps.nodeName, sessions, redis, now: deps.now })
  const cutSlow = createSlowLimit(limits.maxBufferedBytes)
  const fence = createFence({
    knowledgeAgeMs: knowledge.ageMs,
    closeAfterMs: deps.authCloseAfterMs,
    closeAll: () => {
      sessions.closeAll('AUTH_STALE')
    },
  })
  // No event announces a client that does not read, nor a node that is cut off.
  const watch = setInterval(() => {
    cutSlow([...sessions.all()])
    fence()
  }, WATCH_EVERY_MS)

  /** Attempts that come to nothing, at whatever stage. */
  const failed: AttemptObserver = {
    refused: (attempt, facts, error) => {
      connectLimit.refused(attempt.conn)
      if (attempt.id !== null) slots.free(attempt.id)
      attempts.refused(attempt, facts, error)
    },
    aborted: (attempt, facts) => {
      if (attempt.id !== null) slots.free(attempt.id)
      attempts.aborted(attempt, facts)
    },
  }

  const auth: Omit<SocketAuthDeps, 'afterCheck'> = {
    admission,
    clientAddress: deps.clientAddress,
    allowQueryToken: deps.allowQueryToken,
    beforeCheck: ({ conn }, facts) => {
      connectLimit.begin(conn)
      if (draining) throw new AppError('SERVER_DRAINING', { retryAfterMs: 1_000 })
      attempts.mayTry(facts)
    },
    observer: failed,
  }

  io.use(
    createSocketAuth({
      ...auth,
      afterCheck: async (socket, { user }) => {
        // Who left during the look-up would never give the place back.
        if (socket.conn.readyState !== 'open') throw new AppError('SERVER_UNAVAILABLE')
        // However the attempt ends, it gives the place back.
        await slots.take(user.id, socket.id)
        // Socket.IO's CONNECT, `connected` and the digest follow.
        joinWrites(socket.conn)
      },
    }),
  )

  io.on(
    'connection',
    createOpening({
      admission,
      attempts: { ...failed, accepted: attempts.accepted },
      sessions,
      starter: deps.starter,
      features,
      now: deps.now,
      keepsRequests,
      onClosed: (session, code) => {
        sessions.remove(session)
        slots.free(session.socket.id)
        attempts.closed(session.socket, code)
        for (const feature of features) feature.onClosed?.(session, code)
      },
      onFailed: deps.observer.failed,
    }),
  )

  const attach: Hub['attach'] = (httpServer) => {
    io.attach(httpServer)
    answerOtherUpgrades(httpServer)
    attachedTo = httpServer
    io.engine.on('connection', (connection: Connection) => {
      if (leanOf(connection) !== undefined) return
      endLingering(connection)
      limitPackets(connection, limits.eventsPerSecond, () => {
        cutFlooding(connection)
      })
    })
    guardRequests(io, {
      onUpgrade:
        deps.leanConnections === false
          ? () => false
          : serveLean(io, {
              auth,
              onPassed: connectLimit.handOn,
              onFlood: cutFlooding,
              limits,
              isClosed: () => isEnded,
            }),
      isAllowedOrigin: createOriginRule(deps.allowedOrigins),
      allowedOrigins: deps.allowedOrigins,
      keepsRequests,
      onOriginRefused: attempts.originRefused,
      onPost: (connection) => {
        if (!mayPost(connection)) cutFlooding(connection)
      },
    })
  }

  const end = async ({ spreadMs = 0, handshakesWithinMs = 0 }: HubCloseOptions): Promise<void> => {
    if (attachedTo !== undefined) {
      const underWay = { io, httpServer: attachedTo, sessionCount: sessions.size }
      await handshakesDone(underWay, handshakesWithinMs)
    }
    draining = true
    sessions.closeAll('SERVER_DRAINING', () => ({
      retryAfterMs: Math.round(Math.random() * spreadMs),
    }))
    clearInterval(watch)
    slots.stop()
    await presence.close()
    // The HTTP server belongs to the caller: only what is ours on it ends here. Never io.disconnectSockets: the adapter
    // would end the sockets of the other nodes too.
    isEnded = true
    if (attachedTo !== undefined) io.engine.close()
    await redis?.close()
  }

  return {
    io,
    attach,
    publisher: createPublisher(io, { knowledge, onDropped: deps.observer.dropped }),
    presence,
    sessions,
    redisState: () => redis?.state(),
    moveTo: (service) => {
      redis?.moveTo(service)
    },
    cutSlow,
    close(options = {}) {
      closing ??= end(options)
      return closing
    },
  }
}

import type { Server as HttpServer } from 'node:http'
import { Server } from 'socket.io'
import type { Admission } from '../auth/admission.js'
import { AppError } from '../errors/app-error.js'
import type { Feeds } from '../log/audience.js'
import type { LogEntry } from '../log/event-log.js'
import type { ClientAddress } from '../middleware/client-address.js'
import { createOriginRule } from '../middleware/origin.js'
import { createSocketAuth } from '../middleware/socketAuth.js'
import type { AttemptLog } from './attempt-log.js'
import { createConnectLimit } from './connect-limit.js'
import type { Connection } from './connection.js'
import { createConnectionSlots } from './connection-slots.js'
import { createDelivery, type Applied } from './delivery.js'
import { createFanOut } from './fan-out.js'
import { createSending } from './frames.js'
import { createGuards, type Limits } from './guards.js'
import { handshakesDone } from './handshakes.js'
import { limitPackets } from './packet-limit.js'
import { endLingering } from './lingering.js'
import { createOpening, type HubLog } from './opening.js'
import { createPresence, type Presence } from './presence.js'
import { createPublisher, type Publisher } from './publisher.js'
import { createRedisLink, type RedisLink } from './redis.js'
import { guardRequests } from './request-gate.js'
import { createSessions, type Sessions } from './sessions.js'
import type { RealtimeServer } from './socket-types.js'

/** Real time for one HTTP server. */
export interface Hub {
  readonly io: RealtimeServer
  /** Serves `/socket.io/` on `httpServer`, beside what it serves already. Call it once. */
  readonly attach: (httpServer: HttpServer) => void
  readonly publisher: Publisher
  readonly presence: Presence
  readonly sessions: Sessions
  /** Whether the nodes reach each other; true where there is one node only. */
  readonly isClusterUp: () => boolean
  /** Ends all sessions with a retryable code, then the server. */
  readonly close: (options?: HubCloseOptions) => Promise<void>
}

export interface HubCloseOptions {
  /** What clients are told to wait is spread over this time. Default 0. */
  readonly spreadMs?: number
  /** How long who is connecting is let in before, to be sent on with the others. Default 0: is turned away. */
  readonly handshakesWithinMs?: number
}

/** What the hub tells of its running, for metrics and log lines. */
export interface HubObserver {
  readonly redisState: (up: boolean) => void
  readonly dropped: (direction: 'out' | 'in', error: unknown) => void
  readonly delivered: (entry: LogEntry) => void
  /** This node has acted on an entry that ends a right. */
  readonly revoked: (entry: LogEntry, applied: Applied) => void
  readonly failed: (what: string, error: unknown) => void
}

export interface HubDeps {
  readonly nodeName: string
  readonly admission: Admission
  readonly clientAddress: ClientAddress
  readonly attempts: AttemptLog
  /** Milliseconds since 1970, by the one clock that tokens, sessions and records are dated by. */
  readonly now: () => number
  readonly observer: HubObserver
  readonly log: HubLog | undefined
  readonly redisUrl: string | undefined
  readonly allowedOrigins: readonly string[]
  readonly transports: readonly ('polling' | 'websocket')[]
  readonly allowQueryToken: boolean
  readonly feeds: Feeds
  /** Whether batches of the log are written past Socket.IO where a socket is idle. */
  readonly directWrites: boolean
  readonly limits: Limits
}

/** Builds Socket.IO, authenticated, fed by the log, linked to the other nodes. */
export const createHub = (deps: HubDeps): Hub => {
  const { log, attempts, admission } = deps
  const isFresh = (): boolean =>
    log === undefined || log.tail.confirmedAgeMs() < deps.limits.authStaleAfterMs
  const sessions = createSessions()
  const connectLimit = createConnectLimit(deps.limits.connectAttemptsPerConnection)
  const isAllowedOrigin = createOriginRule(deps.allowedOrigins)
  let draining = false
  let attachedTo: HttpServer | undefined

  const redis: RedisLink | undefined =
    deps.redisUrl === undefined
      ? undefined
      : createRedisLink({
          url: deps.redisUrl,
          mayDeliver: isFresh,
          onState: deps.observer.redisState,
          onDropped: deps.observer.dropped,
        })

  const io: RealtimeServer = new Server({
    ...(redis === undefined ? {} : { adapter: redis.adapter }),
    transports: [...deps.transports],
    cors: { origin: [...deps.allowedOrigins] },
    serveClient: false,
    maxHttpBufferSize: deps.limits.maxPayloadBytes,
    connectTimeout: deps.limits.authenticateWithinMs,
    // Never connectionStateRecovery: it sends what was missed before the middleware has run (measured).
  })

  const slots = createConnectionSlots({ maxPerUser: deps.limits.maxConnectionsPerUser, redis })
  const publisher = createPublisher(io, { isFresh })
  const presence = createPresence({ nodeName: deps.nodeName, sessions, redis, now: deps.now })
  const guards = createGuards({ sessions, tail: log?.tail, limits: deps.limits })
  const sending = createSending(deps)
  const unsubscribe = log?.tail.subscribe(
    createDelivery({
      sessions,
      fanOut: createFanOut({ io, sessions, sending }),
      onRevoked: deps.observer.revoked,
      onDelivered: deps.observer.delivered,
      onFailed: deps.observer.failed,
      afterBatch: guards.cutSlow,
    }),
  )

  io.use(
    createSocketAuth({
      admission,
      clientAddress: deps.clientAddress,
      allowQueryToken: deps.allowQueryToken,
      beforeCheck: (socket, facts) => {
        connectLimit.begin(socket.conn)
        if (draining) throw new AppError('SERVER_DRAINING', { retryAfterMs: 1_000 })
        attempts.mayTry(facts)
      },
      afterCheck: async (socket, { user }) => {
        // Who left during the look-up would never give the place back.
        if (socket.conn.readyState !== 'open') throw new AppError('SERVER_UNAVAILABLE')
        // However the attempt goes on, the end of its connection gives the place back.
        socket.conn.once('close', () => {
          slots.free(socket.id)
        })
        await slots.take(user.id, socket.id)
      },
      observer: {
        refused: (socket, facts, error) => {
          connectLimit.refused(socket.conn)
          attempts.refused(socket, facts, error)
        },
        aborted: attempts.aborted,
      },
    }),
  )

  io.on(
    'connection',
    createOpening({
      admission,
      attempts,
      sessions,
      log,
      sending,
      now: deps.now,
      onClosed: (session, code) => {
        sessions.remove(session)
        slots.free(session.socket.id)
        attempts.closed(session.socket, code)
      },
      onFailed: deps.observer.failed,
    }),
  )

  const close: Hub['close'] = async ({ spreadMs = 0, handshakesWithinMs = 0 } = {}) => {
    if (attachedTo !== undefined) {
      await handshakesDone({ io, httpServer: attachedTo, sessions }, handshakesWithinMs)
    }
    draining = true
    for (const session of [...sessions.all()]) {
      session.close('SERVER_DRAINING', { retryAfterMs: Math.round(Math.random() * spreadMs) })
    }
    unsubscribe?.()
    guards.stop()
    slots.stop()
    await presence.close()
    // The HTTP server belongs to the caller: only what is ours on it ends here. Never io.disconnectSockets: the adapter
    // would end the sockets of the other nodes too.
    if (attachedTo !== undefined) io.engine.close()
    await redis?.close()
  }

  return {
    io,
    attach(httpServer) {
      io.attach(httpServer)
      attachedTo = httpServer
      io.engine.on('connection', (connection: Connection) => {
        endLingering(connection)
        limitPackets(connection, deps.limits.eventsPerSecond, () => {
          const session = [...sessions.all()].find(({ socket }) => socket.conn === connection)
          session?.close('RATE_LIMITED', { retryAfterMs: 1_000 })
          connection.close(true)
        })
      })
      guardRequests(io, httpServer, { isAllowedOrigin, onOriginRefused: attempts.originRefused })
    },
    publisher,
    presence,
    sessions,
    isClusterUp: () => redis === undefined || redis.isUp(),
    close,
  }
}

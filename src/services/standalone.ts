import type { Server as HttpServer } from 'node:http'
import type { Role } from '@uzima/contracts'
import type { ConnectionRecord } from '../audit/record.js'
import type { AccessClaims } from '../auth/access-token.js'
import { createAdmission } from '../auth/admission.js'
import type { AuthUser } from '../auth/authorize.js'
import { createUncachedDirectory } from '../auth/user-directory.js'
import { AppError } from '../errors/app-error.js'
import { createClientAddress } from '../middleware/client-address.js'
import type { RealtimeServer } from '../middleware/socket-types.js'
import type { Presence, Publisher } from '../ports/realtime.js'
import { createAttemptLog } from '../realtime/attempt-log.js'
import { createHub } from '../realtime/hub.js'
import type { HubDeps } from '../realtime/hub-deps.js'
import { describeRedis } from '../realtime/redis-trouble.js'
import { startAtOnce } from '../realtime/resume.js'

/** A user as the back end's own look-up answers it. */
export interface RealtimeUser {
  readonly id: string
  readonly username: string
  /** Any name; the user joins the room `role_{role}`. */
  readonly role: string
  /** Default true. */
  readonly isActive?: boolean
}

export interface RealtimeOptions {
  /**
   * Checks a token, and resolves to whose it is and until when (no `expiresAt`: the session does not end by itself).
   * Whatever it throws refuses the socket with `AUTH_TOKEN_INVALID`; an error with `name: 'TokenExpiredError'`, as
   * jsonwebtoken throws it, with `AUTH_TOKEN_EXPIRED`.
   */
  readonly verifyAccessToken: (token: string) => VerifiedToken | Promise<VerifiedToken>
  /** Looks the user up at each handshake; nothing or null refuses with `AUTH_USER_UNKNOWN`. Given 5 s to answer. */
  readonly findUser: (
    userId: string,
  ) => RealtimeUser | null | undefined | Promise<RealtimeUser | null | undefined>
  /** Allowed origins of browsers. Default `http://localhost:3000`; the server's own origin is always allowed. */
  readonly clientUrl?: string | readonly string[]
  /** Links several processes through Redis, those with the same `serviceName`. Without it there is one. */
  readonly redisUrl?: string
  /** What these processes are together; needed with `redisUrl`, so that two back ends on one Redis never meet. */
  readonly serviceName?: string
  /** Name of this process in presence. Default: the process id. */
  readonly nodeName?: string
  /** Default `['polling', 'websocket']`. */
  readonly transports?: readonly ('polling' | 'websocket')[]
  /** Whether a token in the query is taken; it ends up in access logs. Default true. */
  readonly allowQueryToken?: boolean
  /** Addresses or ranges of proxies whose `X-Forwarded-For` counts. Default none. */
  readonly trustProxy?: readonly string[]
  /** Default 20. */
  readonly maxConnectionsPerUser?: number
  /** Bytes that may wait for one socket before it is cut. Default 1 MiB. */
  readonly maxBufferedBytes?: number
  /** Told of every attempt and every close, to be logged. No token is in it. */
  readonly onAttempt?: (attempt: ConnectionRecord) => void
  /** Told of what goes wrong without a caller to tell: Redis away, a message that could not be sent. */
  readonly onProblem?: (what: string, error?: unknown) => void
}

export interface VerifiedToken {
  readonly userId: string
  readonly expiresAt?: Date
}

export interface Realtime {
  /** The Socket.IO server, for handlers of the back end's own events. `socket.data.user` is who it is. */
  readonly io: RealtimeServer
  readonly publisher: Publisher
  readonly presence: Presence
  /** Ends the sessions (clients come back to the next process); the HTTP server stays the caller's. */
  readonly close: () => Promise<void>
}

/**
 * Real time on an existing back end, without a log: authenticated sockets and ad-hoc messages. Throws a TypeError where
 * `redisUrl` stands without `serviceName`.
 */
export const createRealtime = (httpServer: HttpServer, options: RealtimeOptions): Realtime => {
  const clientAddress = createClientAddress(options.trustProxy ?? [])
  const problem = options.onProblem ?? ignore
  const hub = createHub({
    nodeName: options.nodeName ?? process.pid.toString(),
    admission: createAdmission({
      verifyAccessToken: async (token) => claimsOf(token, options),
      directory: createUncachedDirectory(async ({ userId }) =>
        toAuthUser(await options.findUser(userId)),
      ),
    }),
    clientAddress,
    attempts: createAttemptLog({
      sink: { record: options.onAttempt ?? ignore, canAdmit: () => true },
      failures: { check: () => undefined, fail: ignore },
      clientAddress,
      now: Date.now,
    }),
    now: Date.now,
    observer: {
      redisState: (state) => {
        if (state.state !== 'up') problem(describeRedis(state))
      },
      dropped: (direction, error) => {
        problem(
          direction === 'out'
            ? 'A message did not reach the other processes.'
            : 'A message from another process was not understood.',
          error,
        )
      },
      failed: problem,
    },
    starter: startAtOnce,
    // The back end is asked at each handshake.
    knowledge: { ageMs: () => 0, freshness: () => 'fresh', confirm: () => Promise.resolve(true) },
    redis: redisOf(options),
    allowedOrigins: [options.clientUrl ?? 'http://localhost:3000'].flat(),
    transports: options.transports ?? ['polling', 'websocket'],
    allowQueryToken: options.allowQueryToken ?? true,
    limits: {
      ...DEFAULT_LIMITS,
      maxConnectionsPerUser: options.maxConnectionsPerUser ?? 20,
      maxBufferedBytes: options.maxBufferedBytes ?? 1_048_576,
    },
    authCloseAfterMs: Number.POSITIVE_INFINITY,
  })
  hub.attach(httpServer)
  return { io: hub.io, publisher: hub.publisher, presence: hub.presence, close: () => hub.close() }
}

const redisOf = ({ redisUrl: url, serviceName: service }: RealtimeOptions): HubDeps['redis'] => {
  if (url === undefined) return undefined
  if (service === undefined || service === '') {
    throw new TypeError(
      'With redisUrl give a serviceName, the same in all processes of this back end and in no other.',
    )
  }
  return { url, service }
}

const DEFAULT_LIMITS = {
  connectAttemptsPerConnection: 3,
  authenticateWithinMs: 5_000,
  eventsPerSecond: 50,
  maxPayloadBytes: 65_536,
}

const claimsOf = async (token: unknown, options: RealtimeOptions): Promise<AccessClaims> => {
  if (typeof token !== 'string' || token === '') throw new AppError('AUTH_TOKEN_INVALID')
  try {
    const { userId, expiresAt } = await options.verifyAccessToken(token)
    return { userId, expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY }
  } catch (error) {
    if (error instanceof AppError) throw error
    const expired = error instanceof Error && error.name === 'TokenExpiredError'
    // Not passed on as cause: some libraries put the token into the message.
    throw new AppError(expired ? 'AUTH_TOKEN_EXPIRED' : 'AUTH_TOKEN_INVALID')
  }
}

const toAuthUser = (user: RealtimeUser | null | undefined): AuthUser | undefined =>
  user === null || user === undefined
    ? undefined
    : {
        id: user.id,
        username: user.username,
        // Our own roles are a closed set; here a role is only the name of a room.
        role: user.role as Role,
        roles: [user.role as Role],
        isActive: user.isActive ?? true,
        authVersion: 0,
        tokensNotBefore: null,
      }

const ignore = (): void => {
  // The caller did not ask to be told.
}

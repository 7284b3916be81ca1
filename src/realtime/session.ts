import { authRefreshSchema, type ErrorCode, type Role } from '@uzima/contracts'
import type { Admission, Principal } from '../auth/admission.js'
import type { AccessClaims } from '../auth/claims.js'
import { authorize, isRevoked, type AuthUser } from '../auth/authorize.js'
import { AppError, toAppError, wireError } from '../errors/app-error.js'
import type { Viewer } from '../log/audience.js'
import type { RealtimeSocket } from '../middleware/socket-types.js'
import { cut } from './closing.js'
import { createExpiry, isoTime } from './expiry.js'
import { LIVE_ROOM, roleRoom, userRoom } from './rooms.js'

/** One authenticated socket: its right, until when, and its end. */
export interface Session {
  readonly socket: RealtimeSocket
  readonly connectedAt: Date
  readonly viewer: () => Viewer
  readonly principal: () => Principal
  readonly isOpen: () => boolean
  /** Whether it receives what is sent: it is open, and its replay has ended. */
  readonly isLive: () => boolean
  /** Puts the socket into its rooms: from this tick on it receives what is sent. */
  readonly goLive: () => void
  /** Ends where the user, as the log tells him, no longer stands behind the token. Synchronous. */
  readonly endUnlessEntitled: (user: AuthUser | undefined) => void
  /** Applies a change of the user that entry `seq` tells: goes on, in other rooms, or ends. Synchronous. */
  readonly userChanged: (user: AuthUser | undefined, seq: number) => void
  /**
   * Goes on under another token of the same user: token, user and role are looked at as at the handshake. Throws what
   * they are refused for; the session then stays as it was.
   */
  readonly refresh: (payload: unknown) => Promise<Refreshed>
  /** Ends the session with a code that the client is told where it reads. */
  readonly close: (code: ErrorCode, options?: { readonly retryAfterMs?: number }) => void
  /** Resolves when nothing more can reach the client of a session that was closed. Never rejects. */
  readonly ended: () => Promise<void>
}

/** What the answer to `auth:refresh` tells. */
export interface Refreshed {
  /** ISO 8601; null for a session that does not end by itself. */
  readonly sessionExpiresAt: string | null
}

export interface SessionDeps {
  readonly admission: Admission
  /** Milliseconds since 1970, by the clock that tokens are judged by. */
  readonly now: () => number
  /** Number of the newest entry that this node has delivered; 0 where there is no log. */
  readonly logSeq: () => number
  /** Called once, when the session ends, with our code or the reason that Socket.IO gives. */
  readonly onClosed: (session: Session, code: string) => void
}

/** Starts the session of a socket that has just been admitted. */
export const createSession = (socket: RealtimeSocket, deps: SessionDeps): Session => {
  let principal = socket.data.principal
  let role: Role = principal.user.role
  let live = false
  let closed = false
  let ending = Promise.resolve()
  let refreshing = false

  const expiry = createExpiry({
    now: deps.now,
    onExpiring: (expiresAt) => socket.emit('auth:expiring', { expiresAt: expiresAt.toISOString() }),
    onExpired: () => {
      close('AUTH_TOKEN_EXPIRED')
    },
  })
  expiry.set(principal.claims.expiresAt)

  socket.once('disconnect', (reason) => {
    end(DISCONNECT_CODES[reason] ?? 'CLIENT_GONE')
  })

  const goLive = (): void => {
    live = true
    void socket.join([LIVE_ROOM, userRoom(principal.user.id), roleRoom(role)])
  }

  const applyRole = (next: Role, seq: number): void => {
    if (next === role) return
    const before = role
    role = next
    socket.data.user = { ...socket.data.user, role }
    if (!live) return
    void socket.leave(roleRoom(before))
    void socket.join(roleRoom(role))
    socket.emit('session:role', { role, seq })
  }

  const endUnlessEntitled = (user: AuthUser | undefined): AuthUser | undefined => {
    // The log may tell what came before this session; its token is of the newer state.
    if (closed || isOlder(user, principal.user)) return undefined
    try {
      return authorize(principal.claims, user)
    } catch (error) {
      close(mayBeBack(principal.claims, user) ? 'AUTH_STALE' : toAppError(error).code)
      return undefined
    }
  }

  const userChanged = (user: AuthUser | undefined, seq: number): void => {
    const current = endUnlessEntitled(user)
    if (current === undefined) return
    principal = { ...principal, user: current }
    applyRole(current.role, seq)
  }

  const refresh = async (payload: unknown): Promise<Refreshed> => {
    if (refreshing) throw new AppError('RATE_LIMITED', { retryAfterMs: 1_000 })
    refreshing = true
    try {
      const { data } = authRefreshSchema.safeParse(payload)
      if (data === undefined) throw new AppError('EVENT_INVALID')
      const claims = await deps.admission.verify(data.token)
      let next = await deps.admission.admit(claims)
      while (!deps.admission.isCurrent(next)) next = await deps.admission.admit(claims)
      if (next.user.id !== principal.user.id) throw new AppError('AUTH_TOKEN_INVALID')
      if (closed) throw new AppError('AUTH_SESSION_REVOKED')
      principal = next
      expiry.set(next.claims.expiresAt)
      applyRole(next.user.role, deps.logSeq())
      return { sessionExpiresAt: isoTime(next.claims.expiresAt) }
    } finally {
      refreshing = false
    }
  }

  const close: Session['close'] = (code, options = {}) => {
    if (closed) return
    end(code)
    ending = cut(socket, wireError(new AppError(code, options)))
  }

  const end = (code: string): void => {
    if (closed) return
    closed = true
    expiry.stop()
    deps.onClosed(session, code)
  }

  const session: Session = {
    socket,
    connectedAt: new Date(deps.now()),
    viewer: () => ({ userId: principal.user.id, role }),
    principal: () => principal,
    isOpen: () => !closed,
    isLive: () => live && !closed,
    goLive,
    endUnlessEntitled,
    userChanged,
    refresh,
    close,
    ended: () => ending,
  }
  return session
}

/**
 * Whether the token was made after the user was deactivated. The log is then heard late, and may go on to tell that he is
 * active again; a last word would be wrong, so he comes back and the database decides.
 */
const mayBeBack = (claims: AccessClaims, user: AuthUser | undefined): boolean =>
  user !== undefined && !user.isActive && !isRevoked(claims, user)

const isOlder = (user: AuthUser | undefined, known: AuthUser): boolean =>
  user !== undefined && user.authVersion < known.authVersion

/** Socket.IO's reasons, as codes of the connection log. */
const DISCONNECT_CODES: Readonly<Record<string, string>> = {
  'client namespace disconnect': 'CLIENT_LEFT',
  'server namespace disconnect': 'SERVER_CLOSED',
  'server shutting down': 'SERVER_CLOSED',
  'forced close': 'SERVER_CLOSED',
  'forced server close': 'SERVER_CLOSED',
  'ping timeout': 'PING_TIMEOUT',
  'transport close': 'CLIENT_GONE',
  'transport error': 'CLIENT_GONE',
  'parse error': 'CLIENT_INVALID',
}

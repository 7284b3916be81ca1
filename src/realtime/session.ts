import { authRefreshSchema, type ErrorCode } from '@uzima/contracts'
import type { Admission, Principal } from '../auth/admission.js'
import type { AccessClaims } from '../auth/claims.js'
import { authorize, isRevoked, type AuthUser } from '../auth/authorize.js'
import { AppError, toAppError, wireError } from '../errors/app-error.js'
import type { Viewer } from '../log/audience.js'
import type { RealtimeSocket } from '../middleware/socket-types.js'
import { cut } from './closing.js'
import { Expiry, isoTime, type Expiring } from './expiry.js'
import { LIVE_ROOM, roleRoom, userRoom } from './rooms.js'
import { wireOf, type Wire } from './wire.js'

/** One authenticated socket: its right, until when, and its end. */
export interface Session {
  readonly socket: RealtimeSocket
  readonly wire: Wire
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
   * Goes on under another token of the same user: token, user and roles are looked at as at the handshake. Throws what
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
  /** Called when the session has become live, and with what it was before when it has got other roles since. */
  readonly onRoles: (session: Session, before?: Viewer) => void
  /** Called once, when the session ends, with our code or the reason that Socket.IO gives. */
  readonly onClosed: (session: Session, code: string) => void
}

/** Starts the session of a socket that has just been admitted. */
export const createSession = (socket: RealtimeSocket, deps: SessionDeps): Session => {
  const session = new SocketSession(socket, deps)
  socket.on('disconnect', (reason) => {
    session.left(reason)
  })
  return session
}

/** A class, so that thousands of sessions share what they do; what each has of its own is a few fields. */
class SocketSession implements Session, Expiring {
  readonly socket: RealtimeSocket
  readonly wire: Wire
  readonly #deps: SessionDeps
  readonly #connectedAtMs: number
  readonly #expiry: Expiry
  #principal: Principal
  #viewer: Viewer
  #isLive = false
  #isClosed = false
  #isRefreshing = false
  #ending: Promise<void> | undefined

  constructor(socket: RealtimeSocket, deps: SessionDeps) {
    this.socket = socket
    this.wire = wireOf(socket.conn)
    this.#deps = deps
    this.#connectedAtMs = deps.now()
    this.#principal = socket.data.principal
    this.#viewer = viewerOf(this.#principal.user)
    this.#expiry = new Expiry(this)
    this.#expiry.set(this.#principal.claims.expiresAt)
  }

  get connectedAt(): Date {
    return new Date(this.#connectedAtMs)
  }

  now(): number {
    return this.#deps.now()
  }

  viewer(): Viewer {
    return this.#viewer
  }

  principal(): Principal {
    return this.#principal
  }

  isOpen(): boolean {
    return !this.#isClosed
  }

  isLive(): boolean {
    return this.#isLive && !this.#isClosed
  }

  goLive(): void {
    this.#isLive = true
    const { userId, roles } = this.#viewer
    void this.socket.join([LIVE_ROOM, userRoom(userId), ...roles.map(roleRoom)])
    this.#deps.onRoles(this)
  }

  endUnlessEntitled(user: AuthUser | undefined): void {
    this.#authorize(user)
  }

  userChanged(user: AuthUser | undefined, seq: number): void {
    const current = this.#authorize(user)
    if (current === undefined) return
    this.#principal = { ...this.#principal, user: current }
    this.#applyRoles(current, seq)
  }

  async refresh(payload: unknown): Promise<Refreshed> {
    if (this.#isRefreshing) throw new AppError('RATE_LIMITED', { retryAfterMs: 1_000 })
    this.#isRefreshing = true
    try {
      const { data } = authRefreshSchema.safeParse(payload)
      if (data === undefined) throw new AppError('EVENT_INVALID')
      const { admission } = this.#deps
      const claims = await admission.verify(data.token)
      let next = await admission.admit(claims)
      while (!admission.isCurrent(next)) next = await admission.admit(claims)
      if (next.user.id !== this.#principal.user.id) throw new AppError('AUTH_TOKEN_INVALID')
      if (this.#isClosed) throw new AppError('AUTH_SESSION_REVOKED')
      this.#principal = next
      this.#expiry.set(next.claims.expiresAt)
      this.#applyRoles(next.user, this.#deps.logSeq())
      return { sessionExpiresAt: isoTime(next.claims.expiresAt) }
    } finally {
      this.#isRefreshing = false
    }
  }

  close(code: ErrorCode, options: { readonly retryAfterMs?: number } = {}): void {
    if (this.#isClosed) return
    this.#end(code)
    this.#ending = cut(this.socket, wireError(new AppError(code, options)))
  }

  async ended(): Promise<void> {
    await this.#ending
  }

  onExpiring(expiresAt: Date): void {
    this.socket.emit('auth:expiring', { expiresAt: expiresAt.toISOString() })
  }

  onExpired(): void {
    this.close('AUTH_TOKEN_EXPIRED')
  }

  /** The connection has ended, for a reason as Socket.IO gives it. */
  left(reason: string): void {
    this.#end(DISCONNECT_CODES[reason] ?? 'CLIENT_GONE')
    // Whoever leaves the session and keeps the connection would no longer be under any limit.
    this.socket.conn.close()
  }

  #applyRoles(user: AuthUser, seq: number): void {
    const { socket } = this
    const before = this.#viewer
    const next = viewerOf(user)
    const { role, roles } = next
    if (role === before.role && isSame(roles, before.roles)) return
    this.#viewer = next
    socket.data.user = { ...socket.data.user, role, roles }
    if (!this.#isLive) return
    for (const gone of before.roles) if (!roles.includes(gone)) void socket.leave(roleRoom(gone))
    void socket.join(roles.map(roleRoom))
    this.#deps.onRoles(this, before)
    socket.emit('session:role', { role, roles: [...roles], seq })
  }

  /** The user as he is now, where he stands behind the token; else the session ends. */
  #authorize(user: AuthUser | undefined): AuthUser | undefined {
    const { claims, user: known } = this.#principal
    // The log may tell what came before this session; its token is of the newer state.
    if (this.#isClosed || isOlder(user, known)) return undefined
    try {
      return authorize(claims, user)
    } catch (error) {
      this.close(mayBeBack(claims, user) ? 'AUTH_STALE' : toAppError(error).code)
      return undefined
    }
  }

  #end(code: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#expiry.stop()
    this.#deps.onClosed(this, code)
  }
}

/**
 * Whether the token was made after the user was deactivated. The log is then heard late, and may go on to tell that he is
 * active again; a last word would be wrong, so he comes back and the database decides.
 */
const mayBeBack = (claims: AccessClaims, user: AuthUser | undefined): boolean =>
  user !== undefined && !user.isActive && !isRevoked(claims, user)

const viewerOf = ({ id, role, roles }: AuthUser): Viewer => ({ userId: id, role, roles })

/** Both are sorted. */
const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one, at) => one === others[at])

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

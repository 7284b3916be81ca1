import type { IncomingMessage } from 'node:http'
import type { Admission, Principal } from '../auth/admission.js'
import { bearerToken } from '../auth/bearer-token.js'
import { AppError, errorData, toAppError } from '../errors/app-error.js'
import type { ErrorData } from '@uzima/contracts'
import type { ClientAddress } from './client-address.js'
import type { Attempt, AttemptFacts, RealtimeSocket } from './socket-types.js'

/** What becomes of an attempt that was not admitted. */
export interface AttemptObserver {
  readonly refused: (attempt: Attempt, facts: AttemptFacts, error: AppError) => void
  /** The client left before the verdict. */
  readonly aborted: (attempt: Attempt, facts: AttemptFacts) => void
}

export interface SocketAuthDeps {
  readonly admission: Admission
  readonly clientAddress: ClientAddress
  readonly allowQueryToken: boolean
  readonly observer: AttemptObserver
  /** Called before any check; throws an `AppError` where the attempt is not even to be looked at. */
  readonly beforeCheck: (attempt: Attempt, facts: AttemptFacts) => void
  /** Called with the verdict; rejects with an `AppError` where the principal is not to be let in now. */
  readonly afterCheck: (socket: RealtimeSocket, principal: Principal) => Promise<void>
}

/**
 * Authenticates a socket before it is one: token from the handshake, verified; its user looked up, found and active.
 * What is found is put on `socket.data.user`. The session that follows joins the rooms, once it has checked again that
 * nothing has changed meanwhile.
 *
 * A final refusal, or one that takes a new token, reaches the client as `connect_error` with `err.data`. For a transient one the
 * connection is closed instead, because a stock client never comes back after `connect_error`.
 */
export const createSocketAuth = (deps: SocketAuthDeps) => {
  const check = async (socket: RealtimeSocket): Promise<void> => {
    const { token, position } = takeCredentials(socket, deps.allowQueryToken)
    const claims = await deps.admission.verify(token)
    socket.data.claimedUserId = claims.userId
    const principal = await deps.admission.admit(claims)
    await deps.afterCheck(socket, principal)
    const { id, username, role, roles } = principal.user
    socket.data.user = { id, username, role, roles }
    socket.data.principal = principal
    socket.data.claimedPosition = position
  }

  return (socket: RealtimeSocket, next: (error?: Error) => void): void => {
    const facts = factsOf(socket.request, deps.clientAddress)
    socket.data.facts = facts
    const refuseWith = (failure: unknown): void => {
      const error = toAppError(failure)
      deps.observer.refused(socket, facts, error)
      refuse(socket, error, next)
    }
    try {
      // Before anything waits: a flood of CONNECT packets on one connection must not leave a listener for each.
      deps.beforeCheck(socket, facts)
    } catch (failure) {
      refuseWith(failure)
      return
    }

    let state: 'checking' | 'passed' | 'over' = 'checking'
    // Whichever comes first ends the attempt, and is the one on record: the refusal, the opening or the client's leaving.
    const onClose = (): void => {
      if (state === 'over') return
      const isUndecided = state === 'checking'
      state = 'over'
      deps.observer.aborted(socket, facts)
      // Without this call Socket.IO keeps the half-made socket for ever.
      if (isUndecided) next(new AppError('SERVER_UNAVAILABLE'))
    }
    socket.conn.on('close', onClose)
    socket.data.onOpened = () => {
      // What it holds of the attempt would stay as long as the connection.
      socket.conn.off('close', onClose)
      socket.data.onOpened = nothing
    }

    check(socket).then(
      () => {
        if (state !== 'checking') return
        state = 'passed'
        next()
      },
      (failure: unknown) => {
        if (state !== 'checking') return
        state = 'over'
        socket.conn.off('close', onClose)
        refuseWith(failure)
      },
    )
  }
}

const nothing = (): void => undefined

const refuse = (socket: RealtimeSocket, error: AppError, next: (error: Error) => void): void => {
  const refusal = refusalFor(error)
  if (refusal === undefined) socket.conn.close()
  next(Object.assign(new Error(error.message), refusal))
}

/** What `connect_error` tells; undefined where the connection is closed instead. */
const refusalFor = (error: AppError): Refusal | undefined => {
  const data = errorData(error)
  // Coming back with the same token would not help: who has another one has to be told so.
  return data.retryable && data.needsNewToken !== true
    ? undefined
    : { message: error.message, data }
}

export interface Refusal {
  readonly message: string
  readonly data: ErrorData
}

/**
 * Makes the first look at an attempt, before there is a socket: what the middleware would refuse without asking anybody is
 * refused here, to the same effect.
 */
export const createFirstLook =
  (deps: Omit<SocketAuthDeps, 'afterCheck'> & { readonly onPassed: (attempt: Attempt) => void }) =>
  /** What to answer, `closed` where the connection is to be closed instead; undefined where the attempt goes on. */
  (attempt: Attempt, auth: unknown, request: IncomingMessage): Refusal | 'closed' | undefined => {
    const facts = factsOf(request, deps.clientAddress)
    const refuseWith = (error: AppError): Refusal | 'closed' => {
      deps.observer.refused(attempt, facts, error)
      return refusalFor(error) ?? 'closed'
    }
    try {
      deps.beforeCheck(attempt, facts)
      const { token } = credentialsOf(auth, request, deps.allowQueryToken)
      const refusal = deps.admission.refusalOf(token)
      if (refusal !== undefined) return refuseWith(refusal)
      deps.onPassed(attempt)
      return undefined
    } catch (failure) {
      return refuseWith(toAppError(failure))
    }
  }

const factsOf = (request: IncomingMessage, clientAddress: ClientAddress): AttemptFacts => ({
  ip: clientAddress(request),
  userAgent: request.headers['user-agent'] ?? null,
  origin: request.headers.origin ?? null,
})

interface Credentials {
  readonly token: unknown
  readonly position: unknown
}

/**
 * The token of a handshake: `auth.token`, `Authorization: Bearer`, `query.token`; the first that is present decides.
 * Throws what a handshake without a usable one is refused for.
 */
const credentialsOf = (
  auth: unknown,
  request: IncomingMessage,
  allowQueryToken: boolean,
): Credentials => {
  const fromAuth = ownField(auth, 'token')
  const position = ownField(auth, 'position')
  if (fromAuth !== undefined && fromAuth !== null) return { token: fromAuth, position }
  const { authorization } = request.headers
  if (authorization !== undefined) return { token: bearerToken(authorization), position }
  const queryTokens = queryTokensOf(request.url)
  if (queryTokens.length > 0) {
    if (!allowQueryToken) {
      throw new AppError('AUTH_TOKEN_MISSING', {
        detail: 'A token in the query is not accepted here. Send it as auth.token.',
      })
    }
    // Two tokens are two claims; which one counts must not depend on who parses the address.
    if (queryTokens.length > 1) throw new AppError('AUTH_TOKEN_INVALID')
    return { token: queryTokens[0], position }
  }
  throw new AppError('AUTH_TOKEN_MISSING')
}

/** Takes it out: none of it stays behind, because handshakes are logged, and published by adapters. */
const takeCredentials = (socket: RealtimeSocket, allowQueryToken: boolean): Credentials => {
  try {
    // Socket.IO types `auth` as a map of anything; it is whatever the client sent.
    return credentialsOf(socket.handshake.auth, socket.request, allowQueryToken)
  } finally {
    scrub(socket)
  }
}

/** An own field only: `auth` may carry a `__proto__`. */
const ownField = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? Reflect.get(value, field)
    : undefined

const queryTokensOf = (url = ''): string[] => {
  if (hasNoToken(url)) return []
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
  return new URLSearchParams(query).getAll('token')
}

const scrub = (socket: RealtimeSocket): void => {
  const { handshake, request } = socket
  handshake.auth = {}
  const query: Record<string, unknown> = handshake.query
  delete query['token']
  for (const headers of [handshake.headers, request.headers]) delete headers.authorization
  handshake.url = withoutToken(handshake.url)
  if (request.url !== undefined) request.url = withoutToken(request.url)
  // engine.io keeps its own parsed copy of the query.
  const parsed: unknown = Reflect.get(request, '_query')
  if (typeof parsed === 'object' && parsed !== null) Reflect.deleteProperty(parsed, 'token')
}

/** Of most addresses it can be seen at once; the name may be written `to%6ben`. */
const hasNoToken = (url: string): boolean => !url.includes('%') && !url.includes('token')

/** Read as the query is read. */
const withoutToken = (url: string): string => {
  if (hasNoToken(url)) return url
  const [path = '', ...query] = url.split('?')
  if (query.length === 0) return url
  const kept = query
    .join('?')
    .split('&')
    .map((pair) => (new URLSearchParams(pair).has('token') ? 'token=redacted' : pair))
  return `${path}?${kept.join('&')}`
}

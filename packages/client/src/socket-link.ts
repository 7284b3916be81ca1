import type {
  AlertSeenResult,
  AuthRefreshResult,
  ClientToServerEvents,
  Connected,
  Divergence,
  DivergedResult,
  HandshakeAuth,
  Position,
  ServerToClientEvents,
} from '@uzima/contracts'
import { io, type Socket } from 'socket.io-client'
import { RealtimeError, wireErrorFrom } from './errors.js'

export type Transport = 'polling' | 'websocket'

export interface LinkOptions {
  readonly url: string
  readonly path: string
  readonly transports: readonly Transport[]
  readonly token: string
  readonly position: Position | undefined
  /** Milliseconds from the first byte to `connected`; later counts as no answer. */
  readonly handshakeTimeoutMs: number
}

/** The server's own events, beside `connected` and `session:closing` which the link handles. */
export type LinkEvents = Omit<ServerToClientEvents, 'connected' | 'session:closing'>

export interface LinkHandlers {
  readonly onAccepted: (connected: Connected) => void
  /** The end, once; nothing is called after it. */
  readonly onFailed: (error: RealtimeError) => void
  /** Anything arrived: the server lives and the way to it works. */
  readonly onContact: () => void
  readonly events: LinkEvents
  /** An event that is not one of the server's own: somebody sent a message to this user, role or room. */
  readonly onMessage: (event: string, data: unknown) => void
}

/** One socket, used once: opened with one token, never re-opened by itself. */
export interface SocketLink {
  /** Sends a new token in band; rejects where no answer comes in 10 s. */
  readonly refresh: (token: string) => Promise<AuthRefreshResult>
  /** Tells that the view is wrong; rejects where no answer comes in 10 s. */
  readonly reportDivergence: (divergence: Divergence) => Promise<DivergedResult>
  /** Says that the user has seen an alert; rejects where no answer comes in 10 s. */
  readonly seeAlert: (id: string) => Promise<AlertSeenResult>
  /** Ends it without calling any handler. */
  readonly close: () => void
}

const ACK_TIMEOUT_MS = 10_000

/**
 * Opens a socket. Reconnecting is the caller's: stock `socket.io-client` stays away for ever after a refusal
 * and after a server's `disconnect`, and knows no `retryAfterMs`.
 */
export const openSocketLink = (options: LinkOptions, handlers: LinkHandlers): SocketLink => {
  const auth: HandshakeAuth =
    options.position === undefined
      ? { token: options.token }
      : { token: options.token, position: options.position }
  let ended = false

  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(options.url, {
    path: options.path,
    transports: [...options.transports],
    tryAllTransports: true,
    reconnection: false,
    forceNew: true,
    timeout: options.handshakeTimeoutMs,
    auth,
  })
  const handshakeTimer = setTimeout(() => {
    fail(new RealtimeError('TIMEOUT', 'The server did not answer in time', { retryable: true }))
  }, options.handshakeTimeoutMs)

  socket.io.on('ping', handlers.onContact)
  socket.on('connected', (connected) => {
    clearTimeout(handshakeTimer)
    handlers.onContact()
    handlers.onAccepted(connected)
  })
  socket.on('session:closing', (closing) => {
    fail(
      wireErrorFrom(closing, 'The server ended the session') ??
        new RealtimeError('CONNECTION_LOST', 'The server ended the session', { retryable: true }),
    )
  })
  socket.on('inventory:update', handlers.events['inventory:update'])
  socket.on('inventory:lowStock', handlers.events['inventory:lowStock'])
  socket.on('inventory:digest', handlers.events['inventory:digest'])
  socket.on('alert:raised', handlers.events['alert:raised'])
  socket.on('alert:changed', handlers.events['alert:changed'])
  socket.on('log:reset', handlers.events['log:reset'])
  socket.on('auth:expiring', handlers.events['auth:expiring'])
  socket.on('session:role', handlers.events['session:role'])
  socket.onAny((event: string, data: unknown) => {
    handlers.onContact()
    if (!OWN_EVENTS.has(event)) handlers.onMessage(event, data)
  })
  socket.on('connect_error', (refusal) => {
    fail(refusalFrom(refusal, socket.active))
  })
  socket.on('disconnect', (reason) => {
    fail(new RealtimeError('CONNECTION_LOST', `Connection lost: ${reason}`, { retryable: true }))
  })

  const close = (): void => {
    ended = true
    clearTimeout(handshakeTimer)
    socket.io.off('ping', handlers.onContact)
    socket.offAny()
    socket.removeAllListeners()
    socket.disconnect()
  }

  const fail = (error: RealtimeError): void => {
    if (ended) return
    close()
    handlers.onFailed(error)
  }

  return {
    refresh: (token) => socket.timeout(ACK_TIMEOUT_MS).emitWithAck('auth:refresh', { token }),
    reportDivergence: (divergence) =>
      socket.timeout(ACK_TIMEOUT_MS).emitWithAck('inventory:diverged', divergence),
    seeAlert: (id) => socket.timeout(ACK_TIMEOUT_MS).emitWithAck('alert:seen', { id }),
    close,
  }
}

// The compiler checks that each key is an event of the contract and that none is missing.
const OWN_EVENT_NAMES: Readonly<Record<keyof ServerToClientEvents, true>> = {
  connected: true,
  'inventory:update': true,
  'inventory:lowStock': true,
  'inventory:digest': true,
  'alert:raised': true,
  'alert:changed': true,
  'log:reset': true,
  'auth:expiring': true,
  'session:role': true,
  'session:closing': true,
}
const OWN_EVENTS: ReadonlySet<string> = new Set(Object.keys(OWN_EVENT_NAMES))

/** `active` tells a failed transport (true) from a CONNECT_ERROR packet, by which the server said no (false). */
const refusalFrom = (refusal: Error & { data?: unknown }, active: boolean): RealtimeError => {
  return (
    wireErrorFrom(refusal.data, refusal.message) ??
    new RealtimeError(active ? 'NETWORK_ERROR' : 'UNEXPECTED_ANSWER', refusal.message, {
      retryable: active,
      cause: refusal,
    })
  )
}

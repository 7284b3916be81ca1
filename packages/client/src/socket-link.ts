import type {
  ClientToServerEvents,
  HandshakeAuth,
  Position,
  ServerToClientEvents,
} from '@uzima/contracts'
import { io, type Socket } from 'socket.io-client'
import {
  foreignAnswer,
  passing,
  RealtimeError,
  realtimeErrorFrom,
  serviceErrorFrom,
} from './errors.js'

type Asked = keyof ClientToServerEvents
type Payload<E extends Asked> = Parameters<ClientToServerEvents[E]>[0]
type Result<E extends Asked> = Parameters<Parameters<ClientToServerEvents[E]>[1]>[0]

export type Transport = 'polling' | 'websocket'

export interface LinkOptions {
  readonly url: string
  readonly path?: string
  readonly transports?: readonly Transport[]
  readonly token: string
  readonly position: Position | undefined
  /** Milliseconds that a transport may take to open. */
  readonly handshakeTimeoutMs: number
  /** The end: it has to be closed. */
  readonly onFailed: (error: RealtimeError) => void
  /** Anything arrived: the server lives and the way to it works. */
  readonly onContact: () => void
  readonly events: LinkEvents
  /** An event that is not one of the server's own: somebody sent a message to this user, role or room. */
  readonly onMessage?: ((event: string, data: unknown) => void) | undefined
}

/** The server's own events, beside `session:closing` which the link handles. */
export type LinkEvents = Omit<ServerToClientEvents, 'session:closing'>

/** One socket, used once: opened with one token, never re-opened by itself. */
export interface SocketLink {
  /** Asks the server; rejects with a `RealtimeError` where it refuses, and where no answer comes in 10 s. */
  readonly ask: <E extends Asked>(
    event: E,
    payload: Payload<E>,
  ) => Promise<Extract<Result<E>, { readonly ok: true }>>
  /** Tells the server, and wants no answer. */
  readonly tell: <E extends Asked>(event: E, payload: Payload<E>) => void
  /** Ends it; no handler is called any more. What was told before is still sent. */
  readonly close: () => void
}

const ACK_TIMEOUT_MS = 10_000

/**
 * Opens a socket. Reconnecting is the caller's: stock `socket.io-client` stays away for ever after a refusal
 * and after a server's `disconnect`, and knows no `retryAfterMs`.
 */
export const openSocketLink = (options: LinkOptions): SocketLink => {
  const { token, position, handshakeTimeoutMs: timeout, onContact, onFailed } = options
  const { path = '/socket.io/', transports = ['websocket', 'polling'] } = options

  const socket: Socket = io(options.url, {
    path,
    transports: [...transports],
    tryAllTransports: true,
    reconnection: false,
    forceNew: true,
    timeout,
    auth: { token, ...(position && { position }) } satisfies HandshakeAuth,
  })
  const events: ServerToClientEvents = {
    ...options.events,
    'session:closing': (closing) => {
      onFailed(
        serviceErrorFrom(closing) ?? passing('CONNECTION_LOST', 'The server ended the session'),
      )
    },
  }
  // Messages may have any name. What comes under one of the server's own, the contract says.
  const own = new Map<string, (data: never) => void>(Object.entries(events))

  socket.io.on('ping', onContact)
  socket.onAny((event: string, data: unknown) => {
    onContact()
    const handler = own.get(event)
    if (handler === undefined) options.onMessage?.(event, data)
    else handler(data as never)
  })
  socket.on('connect_error', (refusal: Error & { readonly data?: unknown }) => {
    // A failed transport is `active`; what is not was a CONNECT_ERROR packet, by which the server said no.
    const { active: retryable } = socket
    const code = retryable ? 'NETWORK_ERROR' : 'UNEXPECTED_ANSWER'
    onFailed(
      serviceErrorFrom(refusal.data) ??
        new RealtimeError(code, refusal.message, { retryable, cause: refusal }),
    )
  })
  socket.on('disconnect', (reason) => {
    onFailed(passing('CONNECTION_LOST', `Connection lost: ${reason}`))
  })

  return {
    ask: async <E extends Asked>(event: E, payload: Payload<E>) => {
      const answered: Promise<unknown> = socket.timeout(ACK_TIMEOUT_MS).emitWithAck(event, payload)
      // What is answered to which event is the contract's.
      const answer = (await answered.catch((thrown: unknown) => {
        throw realtimeErrorFrom(thrown, 'TIMEOUT')
      })) as Result<E>
      if (answer.ok) return answer as Extract<Result<E>, { readonly ok: true }>
      throw serviceErrorFrom(answer.error) ?? foreignAnswer()
    },
    tell: (event, payload) => {
      socket.emit(event, payload)
    },
    // Without listeners first: it tells of its own end as well.
    close: () => socket.off().disconnect(),
  }
}

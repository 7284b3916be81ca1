import type { ClientToServerEvents, Role, ServerToClientEvents } from '@uzima/contracts'
import type { DefaultEventsMap, Server, Socket } from 'socket.io'
import type { Principal } from '../auth/admission.js'

/** Who a socket belongs to, for the handlers of a back end: `socket.data.user`. */
export interface SocketUser {
  readonly id: string
  readonly username: string
  readonly role: Role
  /** `role` and what is granted to him for a time. */
  readonly roles: readonly Role[]
}

/** What a connection attempt told of itself; kept for its line in the connection log. */
export interface AttemptFacts {
  readonly ip: string
  readonly userAgent: string | null
  readonly origin: string | null
}

/** Set by the authentication middleware, read by the session; without the token. */
export interface SocketData {
  user: SocketUser
  principal: Principal
  facts: AttemptFacts
  /** Whom the token names; set before that user is looked up. */
  claimedUserId: string
  /** To be called when the attempt becomes a session, which keeps its own record of its end. */
  onOpened: () => void
  /** What the client said of its place in the log, unchecked. */
  claimedPosition: unknown
}

export type RealtimeServer = Server<
  ClientToServerEvents,
  ServerToClientEvents,
  DefaultEventsMap,
  SocketData
>
export type RealtimeSocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  DefaultEventsMap,
  SocketData
>

/** What an attempt is told by before it is a socket, or where it never becomes one. */
export interface Attempt {
  /** Of its socket; null where there is none. */
  readonly id: string | null
  readonly conn: RealtimeSocket['conn']
  readonly data: Partial<SocketData>
}

import type { Admission } from '../auth/admission.js'
import type { Tail } from '../log/tail.js'
import type { ClientAddress } from '../middleware/client-address.js'
import type { RedisState } from '../ports/redis-state.js'
import type { AttemptLog } from './attempt-log.js'
import type { Feature } from './feature.js'
import type { Limits } from './limits.js'
import type { Starter } from './resume.js'

/** What the hub tells of its running, for metrics and log lines. */
export interface HubObserver {
  readonly redisState: (state: RedisState) => void
  readonly dropped: (direction: 'out' | 'in', error: unknown) => void
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
  /** Where the events of a session begin. */
  readonly starter: Starter
  /** Default: none. */
  readonly features?: readonly Feature[]
  /** What this node knows of its users' rights; always fresh where it asks at each handshake. */
  readonly knowledge: Knowledge
  /** Links this node to the others of its service. Left out, it is alone. */
  readonly redis: { readonly url: string; readonly service: string } | undefined
  readonly allowedOrigins: readonly string[]
  readonly transports: readonly ('polling' | 'websocket')[]
  readonly allowQueryToken: boolean
  /**
   * Whether `socket.request` and `socket.handshake` stay whole, for a back end's own handlers. Default true; false saves
   * 2 kB for each socket, and leaves them empty once it has authenticated.
   */
  readonly keepsRequests?: boolean
  /** Whether who begins as a WebSocket is served past engine.io. Default true; both say the same on the wire. */
  readonly leanConnections?: boolean
  readonly limits: Limits
  /** Age of the knowledge from which the sockets are closed, in ms. */
  readonly authCloseAfterMs: number
}

/** How far the tail of the log can be relied on. */
export interface Knowledge extends Pick<Tail, 'freshness' | 'confirm'> {
  /** Milliseconds since it was confirmed. */
  readonly ageMs: () => number
}

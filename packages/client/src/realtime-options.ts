import type {
  Connected,
  Divergence,
  InventoryDigest,
  LogReset,
  Position,
  Role,
} from '@uzima/contracts'
import type { ConnectionPhase } from './connection-state.js'
import type { RealtimeError, RealtimeErrorCode } from './errors.js'
import type { Snapshot, StockEvent } from './ordered-delivery.js'
import type { Transport } from './socket-link.js'

export interface TokenRequest {
  /**
   * A token that does not serve any more: it expired, or is about to. Give another one. Undefined: any
   * token that is still good.
   */
  readonly staleToken: string | undefined
}

/**
 * Gives an access token. Called on every attempt to connect, and once more when the session is about to
 * expire. Throw a `RealtimeError` with `retryable: false` to stop; anything else thrown is tried again. A
 * result that comes after the connection has changed is ignored.
 */
export type GetToken = (request: TokenRequest) => string | Promise<string>

/** Where the connection stands, and why. */
export interface ConnectionStatus {
  readonly phase: ConnectionPhase
  /** `STARTED`, `CONNECTED`, `STOPPED`, or the code of the error that brought it here. */
  readonly code: 'STARTED' | 'CONNECTED' | 'STOPPED' | RealtimeErrorCode
  readonly reason: string
  /** Since when the phase has been this one, in milliseconds since 1970. */
  readonly since: number
  /** Whether what was handed on is complete up to the last event. Never true unless connected. */
  readonly synced: boolean
  /** When something last arrived from the server, in milliseconds since 1970; null before the first time. */
  readonly lastContactAt: number | null
}

export interface RealtimeClientOptions<S extends Snapshot> {
  /** Origin of the server, for example `https://stock.example`. */
  readonly url: string
  readonly getToken: GetToken
  /** Path of Socket.IO on that server. Default `/socket.io/`. */
  readonly path?: string
  /** Tried in this order. Default `['websocket', 'polling']`. */
  readonly transports?: readonly Transport[]
  /** The position of a state that the caller has kept. Default: none, a snapshot is asked for. */
  readonly position?: Position
  /** Whose right the state at `position` was read under; the same state is read anew for others. Default: not checked. */
  readonly viewer?: {
    readonly userId: string
    readonly role: Role
    /** Default: `role` alone. */
    readonly roles?: readonly Role[]
  }
  /** Milliseconds until a handshake without an answer counts as failed. Default 15000. */
  readonly handshakeTimeoutMs?: number
  /** Milliseconds after which a connection counts as stable, which resets the back-off. Default 5000. */
  readonly stableAfterMs?: number
  /**
   * Reads the state anew: on the first connection, after `log:reset`, and when the
   * roles have changed. Live
   * events wait meanwhile. Null: this user has nothing to read. Default: events only, whatever was missed.
   */
  readonly loadSnapshot?: () => Promise<S | null>
  /** The snapshot to go on from; called in the same tick as the events that wait for it. */
  readonly onSnapshot?: (snapshot: S) => void
  /** An entry of the log: each one once, in order. */
  readonly onEvent?: (event: StockEvent) => void
  /** What the database says its stock is: in order with the events, for `createDigestCheck`. */
  readonly onDigest?: (digest: InventoryDigest) => void
  /** What somebody sent to this user, role or room: at most once, not in the log. */
  readonly onMessage?: (event: string, data: unknown) => void
  readonly onReset?: (reset: LogReset) => void
  readonly onConnected?: (connected: Connected) => void
  /** A new token was taken; the session now ends at `sessionExpiresAt`, ISO 8601, or (null) has no end. */
  readonly onRenewed?: (sessionExpiresAt: string | null) => void
  /** An attempt or a connection has failed; with `retryable: false` there is no further one. */
  readonly onFailed?: (error: RealtimeError) => void
  /** The user's own role, and all that he may act as now: of the first connection, and whenever they are others. */
  readonly onRole?: (role: Role, roles: readonly Role[]) => void
  readonly onStatus?: (status: ConnectionStatus) => void
  /** Failures that do not change the phase: a snapshot or a token renewal that has to be tried again. */
  readonly onError?: (error: RealtimeError) => void
  /** Source of the jitter, 0 to 1. Default `Math.random`. */
  readonly random?: () => number
}

export interface RealtimeClient {
  readonly start: () => void
  /** Ends the connection; nothing is handed on afterwards. A later `start` resumes where it was. */
  readonly stop: () => void
  /**
   * Does not sit out the back-off, and gives up a connection that has been silent for longer than `maxSilenceMs`: after a
   * computer's sleep it may look open for minutes. For the browser's `online` event and for a button. Default 35000, more
   * than there is between two signs of life.
   */
  readonly wake: (maxSilenceMs?: number) => void
  /** Reads the snapshot anew without a new connection. */
  readonly reload: () => void
  /**
   * Tells the server at once up to where everything has been handed on, where that has moved since it was told. It is told each
   * 5 s and by `stop` anyway: for a page that goes. Nothing without a connection.
   */
  readonly reportApplied: () => void
  /** Tells the server that the caller's view differed from its digest. Lost without a connection: the next one tells. */
  readonly reportDivergence: (divergence: Divergence) => void
  /** Says that the user has seen an alert; rejects with a `RealtimeError` without a connection, or where it is refused. */
  readonly seeAlert: (id: string) => Promise<void>
  readonly status: () => ConnectionStatus
  /** Where the caller's state stands; undefined until the first snapshot, and while one is read. */
  readonly position: () => Position | undefined
}

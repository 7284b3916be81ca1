import type { Item, Position } from '@uzima/contracts'
import type { ConnectedUser } from './connected-user.js'
import type { AlertsView } from './alerts-view.js'
import type { Observable } from './observable.js'
import type { RealtimeError } from './errors.js'
import type { ConnectionStatus, GetToken } from './realtime-options.js'
import type { RestClient } from './rest-client.js'
import type { Transport } from './socket-link.js'
import type { WriteQueue } from './writes/types.js'
import type { UzimaStore } from './store/uzima-store.js'

export interface UzimaClientOptions {
  /** Where the service is, for example `https://stock.example`; with the prefix where a proxy adds one. */
  readonly url: string
  /** Gives an access token; `createSessionTokens` makes one. */
  readonly getToken: GetToken
  /**
   * Who is logged in, where that is known before the server says so: the stock kept of that person is shown at once,
   * without a connection too. Default: nothing kept is shown before the server has said who is connected.
   */
  readonly userId?: string
  /** Where stock is kept over a reload. Default `memoryStore()`: nowhere; `indexedDbStore()` keeps it in the browser. */
  readonly store?: UzimaStore
  /**
   * Puts off the listeners' call, so that a burst of events is one drawing, for example `requestAnimationFrame`.
   * Default: a microtask.
   */
  readonly schedule?: (notify: () => void) => void
  /** Ways to connect, tried in this order. Default `['websocket', 'polling']`. */
  readonly transports?: readonly Transport[]
  /** Failures that change nothing in `connection`: of a snapshot that is read again, of the store. Default: unheard. */
  readonly onError?: (error: RealtimeError) => void
}

/** The one door to the service: live stock, movements that survive, alerts, and how far all that can be trusted. */
export interface UzimaClient {
  /** Whether what is shown is live, who sees it, and since when it is not. */
  readonly connection: Observable<ConnectionInfo>
  /** The stock, live and in order. */
  readonly inventory: InventoryView
  /** Movements, kept until the server has answered each. */
  readonly writes: WriteQueue
  /** Alerts, until somebody has acted. */
  readonly alerts: AlertsView
  /** Everything else of the REST interface. */
  readonly rest: RestClient
  /** Opens the store, shows what is known of `userId`, and connects. Resolves before the connection stands. */
  readonly start: () => Promise<void>
  /** Ends the connection and saves; what is shown stays. A later `start` goes on from there. */
  readonly stop: () => Promise<void>
  /**
   * Connects now instead of after the back-off, and looks whether an open connection still lives. Called by itself
   * when the computer wakes up, the network is back or the page is shown again.
   */
  readonly wake: () => void
  /** The server's time, in milliseconds since 1970, as far as it is known: ages and days go by it, not by this clock. */
  readonly now: () => number
}

/** Where the connection stands. All times are the server's, in milliseconds since 1970. */
export interface ConnectionInfo extends ConnectionStatus {
  /** Who is connected, or whose kept stock is shown; null where neither is known. */
  readonly user: ConnectedUser | null
  /** When the view was last known to be complete; null before the first time. */
  readonly asOf: number | null
  /** When view and database last had the same digest; null before the first time. */
  readonly verifiedAt: number | null
  /** How often they had not, since `start`. Each was repaired with a snapshot. */
  readonly divergences: number
  /** When the session ends unless its token is renewed, ISO 8601; null where it has no end or is not known. */
  readonly sessionExpiresAt: string | null
}

/** Which items, and in which order. Conditions are joined by "and"; without any it is the whole stock. */
export interface StockQuery {
  /**
   * Words, each a part of the name, the sku, the category or a lot number; case and accents do not count. An item
   * whose sku or lot is exactly this comes first.
   */
  readonly search?: string
  readonly category?: string
  /** What can be used is at the threshold or below. */
  readonly low?: boolean
  /** Some of it has expired. */
  readonly expired?: boolean
  /** Some of it expires within so many days from today (0 is today), or has expired. */
  readonly expiringWithinDays?: number
  /** `quantity` is what can be used, the least first; `expiry` the earliest first. Default `name`. */
  readonly sort?: 'name' | 'sku' | 'quantity' | 'expiry'
}

/** What a listener looks at: one item, a query, or (undefined) the whole stock. */
export type StockTarget = { readonly sku: string } | StockQuery | undefined

/** The stock as this client knows it. Items are whole and are never changed, only replaced. */
export interface InventoryView {
  readonly get: (sku: string) => Item | undefined
  /** The items of `query` in its order: the same array until one of them changes. Default: the whole stock by name. */
  readonly list: (query?: StockQuery) => readonly Item[]
  /** Calls `listener` after a change of the target, at most once per `schedule`. Returns the unsubscribe. */
  readonly subscribe: (target: StockTarget, listener: () => void) => () => void
  /** Up to where the log has been applied; null before the first snapshot. */
  readonly position: () => Position | null
  /** Number of the log entry that changed the item last, as far as this client saw it happen. */
  readonly changedAtSeq: (sku: string) => number | undefined
}

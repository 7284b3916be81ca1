import type { Alert, AlertEvent, AlertKind, AlertState, Position } from '@uzima/contracts'
import type { RealtimeError } from './errors.js'
import { createOrderedDelivery, isOlder, type Snapshot } from './ordered-delivery.js'
import { createSignal } from './subscriptions.js'

/** Which alerts; conditions are joined by "and". */
export interface AlertsQuery {
  /** `resolved` ones are not kept here: read them with `rest.alerts.list`. */
  readonly state?: AlertState
  readonly kind?: AlertKind
  readonly sku?: string
}

/** The alerts that concern the person logged in, until each is resolved. */
export interface AlertsView {
  /**
   * Those of `query`, what is most urgent first: open before acknowledged; out of stock, expired, low, expiring; the newest
   * first. The same array until one of them changes. Default: all that are not resolved.
   */
  readonly list: (query?: AlertsQuery) => readonly Alert[]
  /** Calls `listener` after a change, at most once per `schedule`. Returns the unsubscribe. */
  readonly subscribe: (listener: () => void) => () => void
  /**
   * When the list was last known to be complete, by the server's clock in milliseconds since 1970: that of the connection once
   * it has been read, before that when it was kept. Null where nothing is known, and an empty list says nothing.
   */
  readonly asOf: () => number | null
  /** Says that the caller acts on it; resolves with the alert, which tells who was the first. Needs a connection. */
  readonly acknowledge: (id: string, note?: string) => Promise<Alert>
  /** Says that the caller has seen it. Rejects without a connection. */
  readonly seen: (id: string) => Promise<void>
}

/** Every alert that was not resolved at `position`. */
export interface AlertsSnapshot extends Snapshot {
  readonly alerts: readonly Alert[]
}

/** Alerts as they were kept, with their `asOf`. */
export interface KeptAlerts {
  readonly alerts: readonly Alert[]
  readonly asOf: number | null
}

/** An `AlertsView` with what feeds it. */
export interface AlertsFeed extends AlertsView {
  /** What is to be kept now. */
  readonly kept: () => KeptAlerts
  /** Shows what was kept, until `reload` has read what there is. */
  readonly show: (kept: KeptAlerts) => void
  /** Reads the alerts anew: at the first connection, and under another role. */
  readonly reload: () => void
  /**
   * Says that the entries up to `position` are not handed on: another snapshot, that of the stock, has them, or (`log:reset`)
   * the log has them no more. Alerts that were read before it are read again.
   */
  readonly begins: (position: Position) => void
  /** Takes an entry of the log, each one once and in order, from before the first `reload` on. */
  readonly receive: (event: AlertEvent) => void
  /** Ends the reading that is under way, for want of a connection; what is shown stays. After it only `reload` goes on. */
  readonly end: () => void
  /** Forgets all of it: somebody else sits there now, or nobody. */
  readonly clear: () => void
}

export interface AlertsViewOptions {
  /** Reads all that are not resolved. Null: this user may see none. */
  readonly load: () => Promise<AlertsSnapshot | null>
  readonly acknowledge: (id: string, note?: string) => Promise<Alert>
  readonly seen: (id: string) => Promise<void>
  /** Puts off the listeners' call, so that a burst is one drawing. Default: a microtask. */
  readonly schedule?: (notify: () => void) => void
  /** Called at once when an alert has come, changed or gone. */
  readonly onChange?: () => void
  /** When that was complete which the connection tells; default null, never. */
  readonly asOf?: () => number | null
  /** Told of a load that failed; one that may succeed later is tried again. */
  readonly onError?: (error: RealtimeError) => void
  /** Source of the jitter, 0 to 1. Default `Math.random`. */
  readonly random?: () => number
}

/** Alerts as of an entry of the log; a value that is never changed, only replaced. */
export interface AlertsState {
  /** Null before the first snapshot. */
  readonly position: Position | null
  readonly byId: ReadonlyMap<string, Alert>
  /** Without a position: as of when it is. */
  readonly asOf?: number | null
}

export const NO_ALERTS: AlertsState = { position: null, byId: new Map() }

/** The state after an entry. One at or before the state's position changes nothing; a resolved alert leaves. */
export const reduceAlerts = (state: AlertsState, { seq, alert }: AlertEvent): AlertsState => {
  const { position } = state
  if (position === null || seq <= position.seq) return state
  const byId = new Map(state.byId)
  if (alert.state === 'resolved') byId.delete(alert.id)
  else byId.set(alert.id, alert)
  return { position: { epoch: position.epoch, seq }, byId }
}

/**
 * Makes a view that is empty until `reload`. What the log tells while a snapshot is read waits for it, so nothing falls
 * between the two.
 */
export const createAlertsView = (options: AlertsViewOptions): AlertsFeed => {
  const { subscribe, tell } = createSignal(options.schedule ?? queueMicrotask)
  const lists = new Map<string, readonly Alert[]>()
  let state = NO_ALERTS

  const set = (next: AlertsState): void => {
    const before = state
    state = next
    if (next.byId === before.byId) return
    lists.clear()
    options.onChange?.()
    tell()
  }

  const clear = (): void => {
    delivery.closed()
    set(NO_ALERTS)
  }

  const delivery = createOrderedDelivery<AlertsSnapshot>({
    loadSnapshot: options.load,
    onSnapshot: ({ alerts, position }) => {
      set({ position, byId: byIdOf(alerts) })
    },
    onNothing: () => {
      set(NO_ALERTS)
    },
    onEvent: ({ payload }) => {
      if ('alert' in payload) set(reduceAlerts(state, payload))
    },
    onError: (error) => {
      options.onError?.(error)
      // Not under this role: nothing of it is shown.
      if (!error.retryable) clear()
    },
    random: options.random ?? Math.random,
  })

  const asOf = (): number | null =>
    (state.position === null ? state.asOf : options.asOf?.()) ?? null

  const list = (query: AlertsQuery = {}): readonly Alert[] => {
    const key = JSON.stringify(FILTERS.map((name) => query[name]))
    const known = lists.get(key) ?? select(state, query)
    lists.set(key, known)
    return known
  }

  const load = (minimum?: Position): void => {
    // What is shown meanwhile does not become newer.
    state = { position: null, byId: state.byId, asOf: asOf() }
    delivery.load(minimum)
  }

  return {
    list,
    subscribe,
    acknowledge: options.acknowledge,
    seen: options.seen,
    asOf,
    kept: () => ({ alerts: list(), asOf: asOf() }),
    show: ({ alerts, asOf }) => {
      set({ position: null, byId: byIdOf(alerts), asOf })
    },
    reload: () => {
      delivery.closed()
      load()
    },
    begins: (position) => {
      const shown = delivery.position()
      // What is being read is looked at when it comes.
      if (shown === undefined || isOlder(shown, position)) load(position)
    },
    receive: (payload) => {
      delivery.receive({ name: 'alert:changed', payload })
    },
    end: delivery.closed,
    clear,
  }
}

const byIdOf = (alerts: readonly Alert[]): ReadonlyMap<string, Alert> =>
  new Map(alerts.map((alert) => [alert.id, alert]))

const URGENCY: readonly AlertKind[] = ['out_of_stock', 'expired', 'low_stock', 'expiring']

const select = ({ byId }: AlertsState, query: AlertsQuery): readonly Alert[] =>
  [...byId.values()]
    .filter((alert) => FILTERS.every((name) => (query[name] ?? alert[name]) === alert[name]))
    .sort(
      (a, b) =>
        Number(a.state === 'acknowledged') - Number(b.state === 'acknowledged') ||
        URGENCY.indexOf(a.kind) - URGENCY.indexOf(b.kind) ||
        b.seq - a.seq ||
        Number(b.id) - Number(a.id),
    )

const FILTERS = ['state', 'kind', 'sku'] as const satisfies readonly (keyof AlertsQuery)[]

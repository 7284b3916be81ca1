import type { Alert, AlertEvent, AlertKind, AlertState, Position } from '@uzima/contracts'
import { backoffMs } from './backoff.js'
import { realtimeErrorFrom, type RealtimeError } from './errors.js'
import type { Snapshot } from './ordered-delivery.js'
import { createSubscriptions } from './subscriptions.js'

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
  /** Reads the alerts anew: at the first connection, after `log:reset`, and under another role. */
  readonly reload: () => void
  /**
   * Says that the entries up to `position` are not handed on: another snapshot, that of the stock, has them. Alerts that
   * were read before it are read again.
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
  const subscriptions = createSubscriptions(options.schedule ?? queueMicrotask)
  const random = options.random ?? Math.random
  const lists = new Map<string, readonly Alert[]>()
  let state = NO_ALERTS
  /** What came while a snapshot is read; undefined while none is. */
  let waiting: AlertEvent[] | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Grows with each reload: an answer to an older question is ignored. */
  let generation = 0
  /** The oldest snapshot that will do. */
  let minimum: Position | undefined

  const set = (next: AlertsState): void => {
    const before = state
    state = next
    if (next.byId === before.byId) return
    lists.clear()
    options.onChange?.()
    subscriptions.touch('')
    subscriptions.done()
  }

  const load = async (startedIn: number, attempt: number): Promise<void> => {
    try {
      const snapshot = await options.load()
      if (startedIn !== generation) return
      if (snapshot !== null && isOlder(snapshot.position, minimum)) {
        // Asked for now it is as new as that, unless the log itself has begun anew.
        again(startedIn, attempt, attempt === 0 ? 0 : backoffMs(attempt, undefined, random))
        return
      }
      const { alerts, position } = snapshot ?? { alerts: [], position: null }
      const events = waiting ?? []
      waiting = undefined
      set(events.reduce(reduceAlerts, { position, byId: byIdOf(alerts) }))
    } catch (thrown) {
      if (startedIn !== generation) return
      const error = realtimeErrorFrom(thrown, 'NETWORK_ERROR')
      options.onError?.(error)
      if (!error.retryable) {
        // Not under this role: nothing of it is shown.
        waiting = undefined
        set(NO_ALERTS)
        return
      }
      again(startedIn, attempt, backoffMs(attempt, error.retryAfterMs, random))
    }
  }

  const again = (startedIn: number, attempt: number, delayMs: number): void => {
    timer = setTimeout(() => {
      void load(startedIn, attempt + 1)
    }, delayMs)
  }

  const begin = (): number => {
    clearTimeout(timer)
    generation += 1
    return generation
  }

  const end = (): void => {
    begin()
    waiting = undefined
  }

  const asOf = (): number | null =>
    (state.position === null ? state.asOf : options.asOf?.()) ?? null

  const list = (query: AlertsQuery = {}): readonly Alert[] => {
    const key = JSON.stringify([query.state, query.kind, query.sku])
    const known = lists.get(key) ?? select(state, query)
    lists.set(key, known)
    return known
  }

  const reload = (): void => {
    // The older part of what waits is in the new snapshot as well, and is passed over.
    waiting ??= []
    // What is shown meanwhile does not become newer.
    state = { position: null, byId: state.byId, asOf: asOf() }
    void load(begin(), 0)
  }

  return {
    list,
    subscribe: (listener) => subscriptions.add('', listener),
    acknowledge: options.acknowledge,
    seen: options.seen,
    asOf,
    kept: () => ({ alerts: list(), asOf: asOf() }),
    show: (kept) => {
      set({ position: null, byId: byIdOf(kept.alerts), asOf: kept.asOf })
    },
    reload,
    begins: (position) => {
      minimum = position
      // What is being read is looked at when it comes.
      if (waiting === undefined && state.position !== null && isOlder(state.position, minimum)) {
        reload()
      }
    },
    receive: (event) => {
      if (waiting === undefined) set(reduceAlerts(state, event))
      else waiting.push(event)
    },
    end,
    clear: () => {
      end()
      minimum = undefined
      set(NO_ALERTS)
    },
  }
}

const byIdOf = (alerts: readonly Alert[]): ReadonlyMap<string, Alert> =>
  new Map(alerts.map((alert) => [alert.id, alert]))

const URGENCY: Readonly<Record<AlertKind, number>> = {
  out_of_stock: 0,
  expired: 1,
  low_stock: 2,
  expiring: 3,
}

const select = ({ byId }: AlertsState, { state, kind, sku }: AlertsQuery): readonly Alert[] =>
  [...byId.values()]
    .filter(
      (alert) =>
        (state === undefined || alert.state === state) &&
        (kind === undefined || alert.kind === kind) &&
        (sku === undefined || alert.sku === sku),
    )
    .sort(
      (a, b) =>
        Number(a.state === 'acknowledged') - Number(b.state === 'acknowledged') ||
        URGENCY[a.kind] - URGENCY[b.kind] ||
        b.seq - a.seq ||
        Number(b.id) - Number(a.id),
    )

const isOlder = (position: Position, minimum: Position | undefined): boolean =>
  minimum !== undefined && (position.epoch !== minimum.epoch || position.seq < minimum.seq)

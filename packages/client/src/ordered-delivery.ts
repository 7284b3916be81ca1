import type {
  AlertEvent,
  BreakGlassEvent,
  Connected,
  InventoryDigest,
  InventoryUpdate,
  LogReset,
  LowStock,
  Position,
} from '@uzima/contracts'
import type { RealtimeError } from './errors.js'
import { keepTrying } from './retrying.js'

/** An entry of the log as this client hands it on. */
export type StockEvent =
  | { readonly name: 'inventory:update'; readonly payload: InventoryUpdate }
  | { readonly name: 'inventory:lowStock'; readonly payload: LowStock }
  | { readonly name: 'alert:raised' | 'alert:changed'; readonly payload: AlertEvent }
  | {
      readonly name: 'break_glass:opened' | 'break_glass:reviewed'
      readonly payload: BreakGlassEvent
    }

/** What comes in one order: entries, and what the database says its stock is between them. */
export type Arrival =
  StockEvent | { readonly name: 'inventory:digest'; readonly payload: InventoryDigest }

/** Everything there is at `position`; events after `position` go on top of it. */
export interface Snapshot {
  readonly position: Position
}

export interface OrderedDeliveryOptions<S extends Snapshot> {
  /** Where the caller's own state stands. Default: nowhere, a snapshot is wanted. */
  readonly position?: Position | undefined
  /** Reads a snapshot; null says that there is none to read. Default: the caller does without. */
  readonly loadSnapshot?: (() => Promise<S | null>) | undefined
  readonly onSnapshot?: (snapshot: S) => void
  /** There is none to read. */
  readonly onNothing?: () => void
  readonly onEvent?: (event: StockEvent) => void
  /** In order with the events: all of them up to its `seq` have been handed on. */
  readonly onDigest?: (digest: InventoryDigest) => void
  /** The events between the caller's position and the new one are not coming. */
  readonly onReset?: (reset: LogReset) => void
  readonly onSyncedChange?: (synced: boolean) => void
  readonly onError?: (error: RealtimeError) => void
  readonly random: () => number
}

/** Turns what a socket receives into: each entry once, in order, on top of the right snapshot. */
export interface OrderedDelivery {
  /** The position to send with the next handshake; undefined where a snapshot is needed first. */
  readonly position: () => Position | undefined
  readonly opened: (connected: Connected) => void
  /** Reads a snapshot, one at `minimum` or later; without it, any. */
  readonly load: (minimum?: Position) => void
  readonly reset: (reset: LogReset) => void
  readonly receive: (arrival: Arrival) => void
  /** Reads a snapshot anew, for example after the role has changed. */
  readonly reload: () => void
  /** Passes a log entry that is not handed on, so that the next handshake begins after it. */
  readonly skipTo: (seq: number) => void
  readonly closed: () => void
}

/** Events kept while a snapshot loads; more are given up, and a newer snapshot is read instead. */
const MAX_BUFFERED_EVENTS = 10_000

export const createOrderedDelivery = <S extends Snapshot>(
  options: OrderedDeliveryOptions<S>,
): OrderedDelivery => {
  const { loadSnapshot } = options
  let { position } = options
  let synced = false
  /** Undefined while no snapshot is being read. `minimum` is the oldest snapshot that will do. */
  let loading: { minimum: Position | undefined; buffered: Arrival[] } | undefined
  let stopLoad: (() => void) | undefined

  const setSynced = (next: boolean): void => {
    if (synced === next) return
    synced = next
    options.onSyncedChange?.(next)
  }

  const endLoad = (): void => {
    stopLoad?.()
    loading = undefined
  }

  const follow = (from: Position | undefined): void => {
    const buffered = loading?.buffered ?? []
    endLoad()
    position = from
    for (const arrival of buffered) deliver(arrival)
    setSynced(true)
  }

  /** Whether the entry is news: replay and live stream may overlap after a reconnect. */
  const advance = (seq: number): boolean => {
    if (position === undefined) return true
    if (seq <= position.seq) return false
    position = { ...position, seq }
    return true
  }

  const deliver = (arrival: Arrival): void => {
    if (arrival.name === 'inventory:digest') options.onDigest?.(arrival.payload)
    else if (advance(arrival.payload.seq)) options.onEvent?.(arrival)
  }

  const load = (minimum?: Position): void => {
    if (loadSnapshot === undefined) {
      follow(minimum)
      return
    }
    if (loading !== undefined) {
      loading.minimum = minimum
      return
    }
    // A position is only worth sending while the state behind it is whole.
    position = undefined
    setSynced(false)
    const current = { minimum, buffered: new Array<Arrival>() }
    loading = current
    stopLoad = keepTrying({
      get: async (isStopped) => {
        const snapshot = await loadSnapshot()
        if (isStopped()) return true
        if (snapshot === null) options.onNothing?.()
        else if (isOlder(snapshot.position, current.minimum)) return false
        else options.onSnapshot?.(snapshot)
        follow(snapshot?.position ?? current.minimum)
        return true
      },
      onError: options.onError,
      code: 'NETWORK_ERROR',
      random: options.random,
    })
  }

  return {
    position: () => position,
    opened: (connected) => {
      endLoad()
      if (connected.position === null) setSynced(true)
      else if (connected.resumed) follow(position ?? connected.position)
      else load(connected.position)
    },
    load,
    reset: (reset) => {
      options.onReset?.(reset)
      load(reset.position)
    },
    receive: (arrival) => {
      if (loading === undefined) {
        deliver(arrival)
      } else if (loading.minimum === undefined || loading.buffered.length < MAX_BUFFERED_EVENTS) {
        loading.buffered.push(arrival)
      } else {
        loading.minimum = { ...loading.minimum, seq: arrival.payload.seq }
        loading.buffered = []
      }
    },
    reload: () => {
      const minimum = loading?.minimum ?? position
      if (minimum === undefined) return
      // Anew, because what is being read may have been read under the old right.
      endLoad()
      load(minimum)
    },
    skipTo: (seq) => {
      if (loading === undefined) advance(seq)
    },
    closed: () => {
      endLoad()
      setSynced(false)
    },
  }
}

/** Whether `position` does not have all that `minimum` has. */
export const isOlder = (position: Position, minimum: Position | undefined): boolean =>
  minimum !== undefined && (position.epoch !== minimum.epoch || position.seq < minimum.seq)

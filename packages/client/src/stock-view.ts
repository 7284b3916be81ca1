import type { Item, LowStock, Position } from '@uzima/contracts'
import type { StockEvent } from './ordered-delivery.js'
import type { StockSnapshot } from './rest-client.js'

/** The stock as this client knows it; a value that is never changed, only replaced. */
export interface StockState {
  /** Null before the first snapshot. */
  readonly position: Position | null
  readonly itemsBySku: ReadonlyMap<string, Item>
  /** `seq` of the last event of each item that changed since the snapshot. */
  readonly changedAtSeq: ReadonlyMap<string, number>
  /** Low-stock announcements since the page was opened, the newest first, at most 50. */
  readonly alerts: readonly LowStock[]
}

export type StockAction =
  | { readonly type: 'snapshot'; readonly snapshot: StockSnapshot }
  | { readonly type: 'event'; readonly event: StockEvent }
  | { readonly type: 'clear' }

export const EMPTY_STOCK: StockState = {
  position: null,
  itemsBySku: new Map(),
  changedAtSeq: new Map(),
  alerts: [],
}

const MAX_ALERTS = 50

/** Gives the state after `action`. An event at or before the state's position changes nothing. */
export const reduceStock = (state: StockState, action: StockAction): StockState => {
  switch (action.type) {
    case 'clear':
      return EMPTY_STOCK
    case 'snapshot':
      return {
        position: action.snapshot.position,
        itemsBySku: new Map(action.snapshot.items.map((item) => [item.sku, item])),
        changedAtSeq: new Map(),
        alerts: state.alerts,
      }
    case 'event':
      return afterEvent(state, action.event)
  }
}

const afterEvent = (state: StockState, event: StockEvent): StockState => {
  const { position } = state
  const { seq } = event.payload
  if (position !== null && seq <= position.seq) return state
  const moved = { ...state, position: position === null ? null : { epoch: position.epoch, seq } }
  if (event.name === 'inventory:lowStock') {
    return { ...moved, alerts: [event.payload, ...state.alerts].slice(0, MAX_ALERTS) }
  }
  if (event.name !== 'inventory:update') return moved
  const { item, type } = event.payload
  const itemsBySku = new Map(state.itemsBySku)
  if (type === 'archived') itemsBySku.delete(item.sku)
  else itemsBySku.set(item.sku, item)
  return { ...moved, itemsBySku, changedAtSeq: new Map(state.changedAtSeq).set(item.sku, seq) }
}

/** A state with those who look at it: fits React's `useSyncExternalStore`. */
export interface StockView {
  readonly state: () => StockState
  readonly dispatch: (action: StockAction) => void
  /** Calls `listener` after a change, at most once per `schedule`. Returns the unsubscribe. */
  readonly subscribe: (listener: () => void) => () => void
}

export interface StockViewOptions {
  /**
   * Puts off the listeners' call, so that a burst of events is one rendering, for example
   * `requestAnimationFrame`. Default: a microtask.
   */
  readonly schedule?: (notify: () => void) => void
}

/** Makes a view that starts empty. */
export const createStockView = (options: StockViewOptions = {}): StockView => {
  const schedule = options.schedule ?? queueMicrotask
  const listeners = new Set<() => void>()
  let state = EMPTY_STOCK
  let scheduled = false

  const notify = (): void => {
    scheduled = false
    for (const listener of [...listeners]) listener()
  }

  return {
    state: () => state,
    dispatch: (action) => {
      const next = reduceStock(state, action)
      if (next === state) return
      state = next
      if (scheduled) return
      scheduled = true
      schedule(notify)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

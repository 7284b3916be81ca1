import type { Item, Position } from '@uzima/contracts'
import type { StockEvent } from '../ordered-delivery.js'
import type { InventoryView } from '../uzima-client-types.js'
import { dayOf, keyOf } from './compiled-query.js'
import { createStockIndex } from './stock-index.js'
import { createSubscriptions } from '../subscriptions.js'

/** The view, and what changes it. */
export interface LiveInventory extends InventoryView {
  /** Everything there is at `position`. */
  readonly replace: (stock: {
    readonly position: Position
    readonly items: readonly Item[]
  }) => void
  /** Ignored at or before the view's position, and without one: what there is has not been read. */
  readonly apply: (event: StockEvent) => void
  readonly clear: () => void
  /** Lets the queries that depend on the day look whether another has begun. */
  readonly checkDay: () => void
}

export interface InventoryOptions {
  readonly schedule: (notify: () => void) => void
  /** The server's time, in milliseconds since 1970. */
  readonly now: () => number
  /** An item is another, new or gone. */
  readonly onChange?: (sku: string) => void
}

export const createInventoryView = (options: InventoryOptions): LiveInventory => {
  const { add, has, touch, done } = createSubscriptions(options.schedule)
  const changedAtSeq = new Map<string, number>()
  let position: Position | null = null

  const index = createStockIndex({
    today: () => {
      const now = options.now()
      // The day of this device's time zone; the clinic's is not told.
      return dayOf(now - new Date(now).getTimezoneOffset() * 60_000)
    },
    onItem: (sku) => {
      options.onChange?.(sku)
      touch(itemTarget(sku))
    },
    onAnswer: touch,
    isHeld: has,
  })

  const show = (shown: Position | null, items: readonly Item[]): void => {
    position = shown
    changedAtSeq.clear()
    index.replaceAll(items)
    done()
  }

  return {
    get: index.get,
    list: (query = {}) => index.list(query),
    subscribe: (target = {}, listener) => {
      if ('sku' in target) return add(itemTarget(target.sku), listener)
      // Changes are told of what was asked.
      index.list(target)
      return add(keyOf(target), listener)
    },
    position: () => position,
    changedAtSeq: (sku) => changedAtSeq.get(sku),
    replace: (stock) => {
      show(stock.position, stock.items)
    },
    apply: ({ name, payload }) => {
      const { seq } = payload
      if (position === null || seq <= position.seq) return
      position = { ...position, seq }
      if (name !== 'inventory:update') return
      const { item, type } = payload
      changedAtSeq.set(item.sku, seq)
      index.set(item.sku, type === 'archived' ? undefined : item)
      done()
    },
    clear: () => {
      show(null, [])
    },
    checkDay: () => {
      index.checkDay()
      done()
    },
  }
}

/** No key of a query looks like this: those are JSON. */
const itemTarget = (sku: string): string => `item ${sku}`

import type { Item, Position } from '@uzima/contracts'
import type { StockEvent } from '../ordered-delivery.js'
import type { InventoryView } from '../uzima-client-types.js'
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
  const subscriptions = createSubscriptions(options.schedule)
  const changedAtSeq = new Map<string, number>()
  let position: Position | null = null

  const index = createStockIndex({
    today: () => dayOf(options.now()),
    onItem: (sku) => {
      options.onChange?.(sku)
      subscriptions.touch(itemTarget(sku))
    },
    onAnswer: (key) => {
      subscriptions.touch(queryTarget(key))
    },
  })

  return {
    get: index.get,
    list: (query = {}) => index.list(query),
    subscribe: (target, listener) => {
      if (target !== undefined && 'sku' in target) {
        return subscriptions.add(itemTarget(target.sku), listener)
      }
      const { key, release } = index.hold(target ?? {})
      const unsubscribe = subscriptions.add(queryTarget(key), listener)
      return () => {
        unsubscribe()
        release()
      }
    },
    position: () => position,
    changedAtSeq: (sku) => changedAtSeq.get(sku),
    replace: (stock) => {
      position = stock.position
      changedAtSeq.clear()
      index.replaceAll(stock.items)
      subscriptions.done()
    },
    apply: ({ name, payload }) => {
      const { seq } = payload
      if (position === null || seq <= position.seq) return
      position = { epoch: position.epoch, seq }
      if (name !== 'inventory:update') return
      const { item, type } = payload
      changedAtSeq.set(item.sku, seq)
      index.set(item.sku, type === 'archived' ? undefined : item)
      subscriptions.done()
    },
    clear: () => {
      position = null
      changedAtSeq.clear()
      index.replaceAll([])
      subscriptions.done()
    },
    checkDay: () => {
      index.checkDay()
      subscriptions.done()
    },
  }
}

const itemTarget = (sku: string): string => `item ${sku}`
const queryTarget = (key: string): string => `query ${key}`

/** The day of this device's time zone; the clinic's is not told. */
const dayOf = (time: number): string => {
  const date = new Date(time)
  const two = (part: number): string => part.toString().padStart(2, '0')
  return `${date.getFullYear().toString().padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

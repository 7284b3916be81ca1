import type { Item } from '@uzima/contracts'
import type { StockQuery } from '../uzima-client-types.js'
import { compileQuery, keyOf } from './compiled-query.js'
import { createLiveQuery, type LiveQuery } from './live-query.js'
import { byName } from './row-order.js'
import { rowOf, type Row } from './row.js'

/** All items with the answers of the queries that were asked, each kept up to date item by item. */
export interface StockIndex {
  readonly get: (sku: string) => Item | undefined
  readonly list: (query: StockQuery) => readonly Item[]
  /** Keeps the answer up to date until it is released, however many others are asked. */
  readonly hold: (query: StockQuery) => { readonly key: string; readonly release: () => void }
  /** Puts or (undefined) removes one item. */
  readonly set: (sku: string, item: Item | undefined) => void
  readonly replaceAll: (items: Iterable<Item>) => void
  /** Answers what depends on the day anew where another one has begun. */
  readonly checkDay: () => void
}

export interface StockIndexOptions {
  /** The day, `YYYY-MM-DD`. */
  readonly today: () => string
  readonly onItem: (sku: string) => void
  /** The answer of the query with this key has changed. */
  readonly onAnswer: (key: string) => void
}

interface Asked {
  readonly query: StockQuery
  readonly live: LiveQuery
  holders: number
}

/** Answers nobody holds are kept for those who ask again, as a drawing does; so many at most. */
const MAX_UNHELD = 16
const EVERYTHING: StockQuery = {}

export const createStockIndex = (options: StockIndexOptions): StockIndex => {
  const rows = new Map<string, Row>()
  let day = options.today()
  /** In the order in which they were asked for, the oldest first. */
  const asked = new Map<string, Asked>()

  const everything = createLiveQuery(compileQuery(EVERYTHING, day), [])
  asked.set(keyOf(EVERYTHING), { query: EVERYTHING, live: everything, holders: 1 })

  const ask = (key: string, query: StockQuery): Asked => {
    let entry = asked.get(key)
    if (entry === undefined) {
      entry = {
        query,
        live: createLiveQuery(compileQuery(query, day), everything.rows()),
        holders: 0,
      }
    } else {
      asked.delete(key)
    }
    asked.set(key, entry)
    dropOldest()
    return entry
  }

  const dropOldest = (): void => {
    const unheld = [...asked].filter(([, { holders }]) => holders === 0)
    for (const [key] of unheld.slice(0, Math.max(0, unheld.length - MAX_UNHELD))) asked.delete(key)
  }

  const set = (sku: string, item: Item | undefined): void => {
    const before = rows.get(sku)
    const after = item === undefined ? undefined : rowOf(item)
    if (before === undefined && after === undefined) return
    if (after === undefined) rows.delete(sku)
    else rows.set(sku, after)
    options.onItem(sku)
    for (const [key, { live }] of asked) if (live.change(before, after)) options.onAnswer(key)
  }

  const rebuildAll = (named: readonly Row[]): void => {
    // Itself first: the others are made from its rows.
    for (const [key, { live, query }] of asked) {
      if (live.rebuild(named, compileQuery(query, day))) options.onAnswer(key)
    }
  }

  return {
    get: (sku) => rows.get(sku)?.item,
    list: (query) => ask(keyOf(query), query).live.items(),
    hold: (query) => {
      const key = keyOf(query)
      const entry = ask(key, query)
      entry.holders += 1
      let isHeld = true
      return {
        key,
        release: () => {
          if (isHeld) entry.holders -= 1
          isHeld = false
        },
      }
    },
    set,
    replaceAll: (items) => {
      const gone = new Set(rows.keys())
      for (const item of items) {
        const before = rows.get(item.sku)
        gone.delete(item.sku)
        // An item that is what it was stays the one it was: nobody draws it again.
        if (before !== undefined && isSame(before.item, item)) continue
        rows.set(item.sku, rowOf(item))
        options.onItem(item.sku)
      }
      for (const sku of gone) {
        rows.delete(sku)
        options.onItem(sku)
      }
      rebuildAll([...rows.values()].sort(byName))
    },
    checkDay: () => {
      const today = options.today()
      if (today === day) return
      day = today
      rebuildAll(everything.rows())
    },
  }
}

// The same server writes the members in the same order; where not, the item is only drawn once more.
const isSame = (a: Item, b: Item): boolean =>
  a.version === b.version && JSON.stringify(a) === JSON.stringify(b)

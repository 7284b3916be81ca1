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
    const entry = asked.get(key) ?? {
      query,
      live: createLiveQuery(compileQuery(query, day), everything.rows()),
      holders: 0,
    }
    asked.delete(key)
    asked.set(key, entry)
    const unheld = [...asked].filter(([, { holders }]) => holders === 0)
    for (const [oldest] of unheld.slice(0, -MAX_UNHELD)) asked.delete(oldest)
    return entry
  }

  const put = (sku: string, item: Item | undefined) => {
    const before = rows.get(sku)
    const after = item && rowOf(item)
    if (after === undefined) rows.delete(sku)
    else rows.set(sku, after)
    options.onItem(sku)
    return [before, after] as const
  }

  const rebuildAll = (named: readonly Row[]): void => {
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
      let held = 1
      return {
        key,
        release: () => {
          entry.holders -= held
          held = 0
        },
      }
    },
    set: (sku, item) => {
      const versions = put(sku, item)
      for (const [key, { live }] of asked) if (live.change(...versions)) options.onAnswer(key)
    },
    replaceAll: (items) => {
      const gone = new Set(rows.keys())
      for (const item of items) {
        const { sku } = item
        gone.delete(sku)
        // An item that is what it was stays the one it was: nobody draws it again.
        if (!isSame(rows.get(sku)?.item, item)) put(sku, item)
      }
      for (const sku of gone) put(sku, undefined)
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
const isSame = (a: Item | undefined, b: Item): boolean =>
  a?.version === b.version && JSON.stringify(a) === JSON.stringify(b)

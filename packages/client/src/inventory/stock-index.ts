import type { Item } from '@uzima/contracts'
import type { StockQuery } from '../uzima-client-types.js'
import { compileQuery, keyOf, type CompiledQuery } from './compiled-query.js'
import { byName } from './row-order.js'
import { rowOf, type Row } from './row.js'

/** All items with the answers of the queries that were asked, each kept up to date item by item. */
export interface StockIndex {
  readonly get: (sku: string) => Item | undefined
  readonly list: (query: StockQuery) => readonly Item[]
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
  /** Whether the answer of the query with this key is to be kept up to date, however many others are asked. */
  readonly isHeld: (key: string) => boolean
}

/** The answer to a query, kept up to date row by row. */
interface Asked extends CompiledQuery {
  readonly query: StockQuery
  rows: Row[]
  /** What readers get: made when one asks, so a burst of changes between two drawings is one copy. */
  items: readonly Item[] | undefined
}

/** Answers nobody holds are kept for those who ask again, as a drawing does, until there are so many. */
const MAX_ASKED = 64
const EVERYTHING: StockQuery = {}
const EVERYTHING_KEY = keyOf(EVERYTHING)

export const createStockIndex = (options: StockIndexOptions): StockIndex => {
  const rows = new Map<string, Row>()
  const asked = new Map<string, Asked>()
  let day = options.today()

  /** Answers a query from all rows; quickest where they are in order of name. */
  const answer = (query: StockQuery, named: readonly Row[]) => {
    const compiled = compileQuery(query, day)
    return { ...compiled, rows: named.filter(compiled.matches).sort(compiled.compare) }
  }

  const ask = (query: StockQuery): Asked => {
    const key = keyOf(query)
    const known = asked.get(key)
    if (known !== undefined) return known
    if (asked.size >= MAX_ASKED) {
      for (const other of asked.keys()) {
        if (other !== EVERYTHING_KEY && !options.isHeld(other)) asked.delete(other)
      }
    }
    const entry = { query, ...answer(query, everything()), items: undefined }
    asked.set(key, entry)
    return entry
  }

  const everything = (): readonly Row[] => asked.get(EVERYTHING_KEY)?.rows ?? []
  ask(EVERYTHING)

  const put = (sku: string, item: Item | undefined) => {
    const before = rows.get(sku)
    const after = item && rowOf(item)
    if (after === undefined) rows.delete(sku)
    else rows.set(sku, after)
    options.onItem(sku)
    return [before, after]
  }

  const rebuildAll = (named: readonly Row[]): void => {
    for (const [key, entry] of asked) {
      const before = entry.rows
      Object.assign(entry, answer(entry.query, named))
      const { rows: after } = entry
      if (before.length !== after.length || before.some((row, n) => row !== after[n])) {
        tell(key, entry)
      }
    }
  }

  const tell = (key: string, entry: Asked): void => {
    entry.items = undefined
    options.onAnswer(key)
  }

  return {
    get: (sku) => rows.get(sku)?.item,
    list: (query) => {
      const entry = ask(query)
      return (entry.items ??= entry.rows.map(({ item }) => item))
    },
    set: (sku, item) => {
      const versions = put(sku, item)
      for (const [key, entry] of asked) {
        const [before, after] = versions.map((row) => (row && entry.matches(row) ? row : undefined))
        if (before !== undefined) entry.rows.splice(placeOf(before, entry), 1)
        if (after !== undefined) entry.rows.splice(placeOf(after, entry), 0, after)
        if (before ?? after) tell(key, entry)
      }
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
      rebuildAll(everything())
    },
  }
}

// The same server writes the members in the same order; where not, the item is only drawn once more.
const isSame = (a: Item | undefined, b: Item): boolean =>
  a?.version === b.version && JSON.stringify(a) === JSON.stringify(b)

/** Where `row` is, or belongs, among the rows. */
const placeOf = (row: Row, { rows, compare }: Pick<Asked, 'rows' | 'compare'>): number => {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = rows[middle]
    if (other !== undefined && compare(other, row) < 0) low = middle + 1
    else high = middle
  }
  return low
}

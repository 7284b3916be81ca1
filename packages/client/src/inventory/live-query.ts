import type { Item } from '@uzima/contracts'
import type { CompiledQuery } from './compiled-query.js'
import type { Compare } from './row-order.js'
import type { Row } from './row.js'

/** The answer to a query, kept up to date row by row. */
export interface LiveQuery {
  /** The same array until the answer changes. */
  readonly items: () => readonly Item[]
  readonly rows: () => readonly Row[]
  /** One item's row is another, new or gone; whether the answer is another now. */
  readonly change: (before: Row | undefined, after: Row | undefined) => boolean
  /** Works `query` out anew from all rows, in order of name; whether the answer is another now. */
  readonly rebuild: (byName: readonly Row[], query: CompiledQuery) => boolean
}

export const createLiveQuery = (query: CompiledQuery, byName: readonly Row[]): LiveQuery => {
  let rows = answer(query, byName)
  // A reader gets a copy, made when one is asked for: a burst of changes between two drawings is one copy.
  let items: readonly Item[] | undefined

  const splice = (row: Row, ...args: [deleted: number, ...added: Row[]]): void => {
    rows.splice(placeOf(rows, row, query.compare), ...args)
  }

  return {
    items: () => (items ??= rows.map(({ item }) => item)),
    rows: () => rows,
    change: (...versions) => {
      const [before, after] = versions.map((row) => (row && query.matches(row) ? row : undefined))
      if (before !== undefined) splice(before, 1)
      if (after !== undefined) splice(after, 0, after)
      if (before === undefined && after === undefined) return false
      items = undefined
      return true
    },
    rebuild: (byName, renewed) => {
      query = renewed
      const before = rows
      rows = answer(query, byName)
      if (before.length === rows.length && rows.every((row, i) => row === before[i])) return false
      items = undefined
      return true
    },
  }
}

/** Stable, so names stay in order where the rest is equal. */
const answer = ({ matches, compareNamed }: CompiledQuery, byName: readonly Row[]): Row[] =>
  byName.filter(matches).sort(compareNamed)

/** Where `row` is, or belongs, among `rows`. */
const placeOf = (rows: readonly Row[], row: Row, compare: Compare): number => {
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

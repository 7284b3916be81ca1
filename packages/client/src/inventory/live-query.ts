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
  /** Works it out anew from all rows, in order of name; whether the answer is another now. */
  readonly rebuild: (byName: readonly Row[], query?: CompiledQuery) => boolean
}

export const createLiveQuery = (query: CompiledQuery, byName: readonly Row[]): LiveQuery => {
  let rows = answer(query, byName)
  // A reader gets a copy, made when one is asked for: a burst of changes between two drawings is one copy.
  let items: readonly Item[] | undefined

  const remove = (row: Row): number => {
    const index = placeOf(rows, row, query.compare)
    rows.splice(index, 1)
    return index
  }

  return {
    items: () => (items ??= rows.map(({ item }) => item)),
    rows: () => rows,
    change: (before, after) => {
      const wasIn = before !== undefined && query.matches(before)
      const isIn = after !== undefined && query.matches(after)
      if (!wasIn && !isIn) return false
      items = undefined
      if (wasIn && isIn && query.compare(before, after) === 0) {
        rows[placeOf(rows, before, query.compare)] = after
        return true
      }
      if (wasIn) remove(before)
      if (isIn) rows.splice(placeOf(rows, after, query.compare), 0, after)
      return true
    },
    rebuild: (byName, renewed = query) => {
      query = renewed
      const before = rows
      rows = answer(query, byName)
      const same = before.length === rows.length && rows.every((row, i) => row === before[i])
      if (!same) items = undefined
      return !same
    },
  }
}

const answer = (query: CompiledQuery, byName: readonly Row[]): Row[] => {
  const rows = byName.filter(query.matches)
  // Stable, so names stay in order where the rest is equal.
  return query.compareNamed === undefined ? rows : rows.sort(query.compareNamed)
}

/** Where `row` is, or belongs, among `rows`. */
export const placeOf = (rows: readonly Row[], row: Row, compare: Compare): number => {
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

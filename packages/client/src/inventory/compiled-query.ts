import type { StockQuery } from '../uzima-client-types.js'
import { fold } from './fold.js'
import { byName, FIRST_BY, type Compare } from './row-order.js'
import { codeIn, type Row } from './row.js'

/** A query ready to be asked of each row. */
export interface CompiledQuery {
  readonly matches: (row: Row) => boolean
  readonly compare: Compare
}

/** The same text for queries that mean the same. */
export const keyOf = (query: StockQuery): string => {
  const { category, low, expired, expiringWithinDays, sort = 'name' } = query
  return JSON.stringify([wordsOf(query), category, low, expired, expiringWithinDays, sort])
}

/** `today` is `YYYY-MM-DD`; the answer of a query with `expiringWithinDays` holds for that day. */
export const compileQuery = (query: StockQuery, today: string): CompiledQuery => {
  const words = wordsOf(query)
  const code = codeIn(words.join(' '))
  const { category, low, expired, expiringWithinDays: days, sort = 'name' } = query
  const lastDay = days === undefined ? undefined : dayOf(Date.parse(today) + days * DAY_MS)

  // A scanner's code, typed or read: what bears it comes before what only contains it.
  const rank = (row: Row): number => Number(words.length === 0 || !row.text().includes(code))

  return {
    matches: (row) => {
      const { item } = row
      return (
        (category === undefined || item.category === category) &&
        (low === undefined || item.lowStock === low) &&
        (expired === undefined || item.expiredQuantity > 0 === expired) &&
        (lastDay === undefined || row.expiry <= lastDay) &&
        words.every((word) => row.text().includes(word))
      )
    },
    compare: (a, b) => rank(a) - rank(b) || FIRST_BY[sort](a, b) || byName(a, b),
  }
}

const wordsOf = ({ search = '' }: StockQuery): string[] =>
  fold(search)
    .split(/\s+/)
    .filter((word) => word !== '')

const DAY_MS = 86_400_000

/** `YYYY-MM-DD` of a time in UTC. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

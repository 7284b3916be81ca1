import type { StockQuery } from '../uzima-client-types.js'
import { fold } from './fold.js'
import { byName, FIRST_BY, type Compare } from './row-order.js'
import type { Row } from './row.js'

/** A query ready to be asked of each row. */
export interface CompiledQuery {
  readonly matches: (row: Row) => boolean
  /** The whole order. */
  readonly compare: Compare
  /** The order among rows that are in order of name already; undefined where that is the order. */
  readonly compareNamed: Compare | undefined
}

/** The same text for queries that mean the same. */
export const keyOf = (query: StockQuery): string =>
  JSON.stringify([
    wordsOf(query),
    query.category ?? null,
    query.low ?? null,
    query.expired ?? null,
    query.expiringWithinDays ?? null,
    query.sort ?? 'name',
  ])

/** `today` is `YYYY-MM-DD`; the answer of a query with `expiringWithinDays` holds for that day. */
export const compileQuery = (query: StockQuery, today: string): CompiledQuery => {
  const words = wordsOf(query)
  const code = words.join(' ')
  const { category, low, expired, expiringWithinDays, sort = 'name' } = query
  const lastDay =
    expiringWithinDays === undefined ? undefined : daysAfter(today, expiringWithinDays)
  const first = FIRST_BY[sort]

  // A scanner's code, typed or read: what bears it comes before what only contains it.
  const rank = (row: Row): number => (row.codes().includes(code) ? 0 : 1)
  const compareNamed: Compare | undefined =
    code !== '' ? (a, b) => rank(a) - rank(b) || first(a, b) : sort === 'name' ? undefined : first

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
    compare: compareNamed === undefined ? byName : (a, b) => compareNamed(a, b) || byName(a, b),
    compareNamed,
  }
}

const wordsOf = ({ search = '' }: StockQuery): string[] =>
  fold(search)
    .split(/\s+/)
    .filter((word) => word !== '')

const DAY_MS = 86_400_000

const daysAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)

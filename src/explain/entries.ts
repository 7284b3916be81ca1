import type { Queryable } from '../storage/database.js'
import type { EntryHeader } from './records.js'

/** What is kept of entry `seq`; undefined where nothing is. */
export const readEntry = async (
  database: Queryable,
  seq: number,
): Promise<EntryHeader | undefined> => {
  const [entry] = await database.query<EntryHeader>(
    'select seq, name, audience, ref, at from log_headers where seq = $1',
    [seq],
  )
  return entry
}

/** A span of the log in time. */
export interface Between {
  readonly from: Date
  /** Itself not in it. */
  readonly to: Date
  /** The sku of an item, to take only what is about it. */
  readonly sku?: string
}

/** Entries read at a time. */
export const PAGE = 1_000

/**
 * The entries of that time after number `after`, at most `PAGE`, in order. Those that were numbered while the clock stood still or
 * went back are where their number is.
 */
export const readEntries = (
  database: Queryable,
  { from, to, sku }: Between,
  after: number,
): Promise<EntryHeader[]> =>
  database.query<EntryHeader>(sku === undefined ? ALL : OF_ITEM, [
    after,
    from,
    to,
    ...(sku === undefined ? [] : [sku]),
  ])

/** The number before which nothing of that time is: times never fall with the numbers. */
export const startOf = async (database: Queryable, from: Date): Promise<number> => {
  const [row] = await database.query<{ seq: number }>(
    `select least(
       (select seq from entry_headers where at >= $1 order by at, seq limit 1),
       (select seq from event_log where at >= $1 order by at, seq limit 1)) as seq`,
    [from],
  )
  return (row?.seq ?? Number.MAX_SAFE_INTEGER) - 1
}

const page = (condition: string): string => `
  select * from (
    (select seq, name, audience, ref, at from entry_headers h
      where seq > $1 and at >= $2 and at < $3 ${condition} order by seq limit ${PAGE.toString()})
    union all
    (select seq, name, audience, ref, at
      from (select seq, name, audience, entry_ref(payload) as ref, at from event_log) as h
      where seq > $1 and at >= $2 and at < $3 ${condition} order by seq limit ${PAGE.toString()})) as headers
  order by seq limit ${PAGE.toString()}`

const ALL = page('')
const OF_ITEM = page(`and (
  (h.name like 'inventory:%' and h.ref = $4)
  or (h.name like 'alert:%' and h.ref in (select id::text from alerts where sku = $4)))`)

import type { Database, Queryable } from '../../src/storage/database.js'

/** An entry as the table holds it. */
export interface EntryRow {
  readonly seq: number
  readonly name: string
  readonly audience: string
  readonly payload: {
    readonly type?: string
    readonly item?: { readonly version: number; readonly totalQuantity: number }
    readonly lotsConsumed?: unknown
  }
}

/** A movement as the table holds it. */
export interface MovementRow {
  readonly sku: string
  readonly type: string
  readonly delta: number
  readonly before: number
  readonly after: number
  readonly lots: readonly { readonly lotNumber: string; readonly delta: number }[]
  readonly actor: string
  readonly reason: string | null
  readonly seq: number
}

export const readEntries = (database: Queryable): Promise<EntryRow[]> =>
  database.query<EntryRow>('select seq, name, audience, payload from event_log order by seq')

export const readMovements = (database: Queryable): Promise<MovementRow[]> =>
  database.query<MovementRow>(
    'select sku, type, delta, before, after, lots, actor, reason, seq from stock_movements order by id',
  )

/** Two items with two lots each: `a` and `b`, lots `L1` (10, 2030) and `L2` (20, 2031), threshold 5. */
export const stockShelf = (database: Queryable): Promise<void> =>
  database.script(`
    insert into inventory_items (sku, name, threshold) values ('a', 'Amoxicillin', 5), ('b', 'Bandage', 5);
    insert into inventory_lots (sku, lot_number, quantity, expiry_date)
      select sku, lot, units, expiry from inventory_items,
        (values ('L1', 10, date '2030-01-01'), ('L2', 20, date '2031-01-01')) as l (lot, units, expiry)`)

/** The same database, and how many entries of the log its transactions have read without an index. */
export const countScannedEntries = (
  database: Database,
): { readonly database: Database; readonly entries: () => number } => {
  let entries = 0
  const scanned = async (tx: Queryable): Promise<number> => {
    const [row] = await tx.query<{ entries: number }>(
      `select seq_tup_read::float8 as entries from pg_stat_xact_user_tables where relname = 'event_log'`,
    )
    return row?.entries ?? Number.NaN
  }
  const transaction: Database['transaction'] = (work, options) =>
    database.transaction(async (tx) => {
      const before = await scanned(tx)
      try {
        return await work(tx)
      } finally {
        entries += (await scanned(tx)) - before
      }
    }, options)
  return { database: { ...database, transaction }, entries: () => entries }
}

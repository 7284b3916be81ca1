import type { Database } from '../storage/database.js'

/** Something that the database says of an item, and what its lots say. */
export interface StockDifference {
  readonly sku: string
  /** `total_quantity`, `expired_quantity`, `last movement`, `low_stock_announced`, `next expiry`, `expired lots`, `item`. */
  readonly what: string
  readonly is: string | null
  readonly should: string | null
}

// Both look at all stock.
const STATEMENT_TIMEOUT_MS = 3_600_000

/** Compares totals, alerts, history and expiries of all items with their lots. */
export const checkStock = (database: Database): Promise<StockDifference[]> =>
  database.transaction((tx) => tx.query<StockDifference>('select * from check_stock()'), {
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  })

/** Mends what `checkStock` finds, each item by an entry of the log, and resolves to what there was to mend. */
export const mendStock = (database: Database): Promise<StockDifference[]> =>
  database.transaction((tx) => tx.query<StockDifference>('select * from mend_stock()'), {
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  })

/** Works out again when lots expire, for other rules of their time zone; resolves to how many items that changed. */
export const rescheduleExpiries = async (database: Database): Promise<number> => {
  let total = 0
  for (let changed = -1; changed !== 0; total += changed) {
    changed = await database.transaction(async (tx) => {
      const [row] = await tx.query<{ changed: number }>(
        'select reschedule_expiries(500) as changed',
      )
      return row?.changed ?? 0
    })
  }
  return total
}

/** A difference in one line, for people. */
export const differenceLine = ({ sku, what, is, should }: StockDifference): string =>
  `${sku}: ${what} is ${is ?? 'not there'}, should be ${should ?? 'not there'}`

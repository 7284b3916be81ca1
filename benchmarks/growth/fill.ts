import type { Database } from '../../src/storage/database.js'

/** What is older goes. */
export const RETENTION_MS = 30 * 86_400_000
/** So many entries of a filled log are older than that, but no more than a tenth of it. */
const OLD = 20_000

/**
 * Makes the log one of `size` entries like its newest one. No trigger fires and the table is made anew in the transaction, so that ten
 * million take a minute.
 */
export const fillLog = (database: Database, size: number): Promise<void> =>
  database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    await tx.query('set local synchronous_commit = off')
    await tx.query(
      'create temporary table one on commit drop as select * from event_log order by seq desc limit 1',
    )
    await tx.query('truncate event_log')
    await tx.query('drop index event_log_at')
    await tx.query(
      `insert into event_log (seq, name, audience, payload, at)
       select n, name, audience, payload || jsonb_build_object('seq', n),
         clock_timestamp() - case when n <= $2::bigint then interval '40 days' else interval '1 day' end
       from generate_series(1, $1::bigint) n, one`,
      [size, Math.min(OLD, Math.floor(size / 10))],
    )
    await tx.query('create index event_log_at on event_log (at)')
    await tx.query('update log_head set seq = $1, trimmed_seq = 0', [size])
  })

/** Makes the stock one of `size` items with two lots each, as their triggers would have left it. */
export const fillItems = async (database: Database, size: number): Promise<void> => {
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    const count = [size]
    await tx.query(
      `insert into inventory_items (sku, name, category, unit, threshold, total_quantity, stock_version, low_stock_announced)
       select 'stock-' || lpad(n::text, 7, '0'), 'Medicine ' || n, 'Category ' || n % 40, 'tablet', 100, 2000000, 1, false
       from generate_series(1, $1::integer) n on conflict do nothing`,
      count,
    )
    await tx.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
       select 'stock-' || lpad(n::text, 7, '0'), 'LOT-' || lot, 1000000, current_date + 400 + lot
       from generate_series(1, $1::integer) n, generate_series(1, 2) lot on conflict do nothing`,
      count,
    )
    await tx.query(
      `insert into due (kind, key, due_at)
       select 'item', 'stock-' || lpad(n::text, 7, '0'), current_date + 402 from generate_series(1, $1::integer) n
       on conflict do nothing`,
      count,
    )
  })
  // As the server does by itself within a minute.
  await database.query('analyze inventory_items, inventory_lots, due')
}

/** Adds `count` users without passwords, whose ids count on from `from`. */
export const fillUsers = (database: Database, from: number, count: number): Promise<void> =>
  database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica')
    await tx.query(
      `insert into users (id, username, email, role)
       select lpad(to_hex(n), 32, '0')::uuid, 'person-' || n, 'person-' || n || '@example.org', 'doctor'
       from generate_series($1::integer, $2::integer) n`,
      [from, from + count - 1],
    )
  })

/** The id of a user that `fillUsers` has made. */
export const filledUserId = (number: number): string => {
  const hex = number.toString(16).padStart(32, '0')
  return [8, 12, 16, 20, 32].map((end, part) => hex.slice([0, 8, 12, 16, 20][part], end)).join('-')
}

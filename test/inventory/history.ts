import type { AlertEvent, InventoryUpdate, Item, LowStock, Movement } from '@uzima/contracts'
import type { Queryable } from '../../src/storage/database.js'

export type Entry = { readonly seq: number } & (
  | { readonly name: 'inventory:update'; readonly payload: InventoryUpdate }
  | { readonly name: 'inventory:lowStock'; readonly payload: LowStock }
  | { readonly name: 'alert:raised' | 'alert:changed'; readonly payload: AlertEvent }
)

/** Everything that the database says of what happened after `base`, and how it ended. */
export interface History {
  readonly base: number
  readonly head: number
  readonly entries: readonly Entry[]
  /** In the order of their ids. */
  readonly movements: readonly (Movement & { readonly sku: string })[]
  /** The items that the entries are about, as they are now. */
  readonly items: readonly Item[]
  /** What the transactions noted and no commit took away. */
  readonly pending: number
}

export const headOf = async (database: Queryable): Promise<number> =>
  (await database.query<{ seq: number }>('select seq from log_head'))[0]?.seq ?? -1

export const readHistory = async (database: Queryable, base: number): Promise<History> => {
  const entries = await database.query<Entry>(
    'select seq, name, payload from event_log where seq > $1 order by seq',
    [base],
  )
  const movements = await database.query<History['movements'][number]>(
    'select * from stock_movements where seq > $1 order by id',
    [base],
  )
  const items = await database.query<{ item: Item }>(
    `select item from inventory_item_view where sku in
      (select payload #>> '{item,sku}' from event_log where seq > $1) order by sku`,
    [base],
  )
  const [pending] = await database.query<{ count: number }>('select count(*) from log_pending')
  return {
    base,
    head: await headOf(database),
    entries,
    movements,
    items: items.map(({ item }) => item),
    pending: pending?.count ?? -1,
  }
}

import type { Queryable } from '../../src/storage/database.js'

interface ItemRow {
  readonly sku: string
  readonly threshold: number
  readonly is_archived: boolean
  readonly had_stock: boolean
}

interface LotRow {
  readonly sku: string
  readonly lot_number: string
  readonly quantity: number
  readonly expired: boolean
  /** Until its last day is over. */
  readonly days_left: number
}

/**
 * The alerts that should not be resolved, as `unresolved` tells those that are not, worked out from the lots alone. What is
 * due has been written; lots are noticed 90 days before their last day.
 */
export const expectedAlerts = async (database: Queryable): Promise<string[]> => {
  const items = await database.query<ItemRow>(
    `select sku, threshold, archived_at is not null as is_archived,
        exists (select from stock_movements m where m.sku = i.sku) as had_stock
      from inventory_items i order by sku`,
  )
  const lots = await database.query<LotRow>(
    `select sku, lot_number, quantity, expired,
        expiry_date - (log_now() at time zone time_zone())::date as days_left
      from inventory_lots order by sku, lot_number`,
  )
  return items
    .filter(({ is_archived: isArchived }) => !isArchived)
    .flatMap((item) => {
      const own = lots.filter(({ sku, quantity }) => sku === item.sku && quantity > 0)
      const usable = own.reduce((sum, lot) => sum + (lot.expired ? 0 : lot.quantity), 0)
      const ofItem =
        item.had_stock && usable <= item.threshold
          ? [`${item.sku} ${usable === 0 ? 'out_of_stock' : 'low_stock'}`]
          : []
      const ofLots = own
        .filter((lot) => lot.expired || lot.days_left <= 90)
        .map((lot) => `${item.sku} ${lot.expired ? 'expired' : 'expiring'} ${lot.lot_number}`)
      return [...ofItem, ...ofLots]
    })
}

import {
  storableTextSchema,
  type InventoryPage,
  type InventoryQuery,
  type Item,
  type Position,
} from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database } from '../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../storage/page.js'

/**
 * A page of the items in use, by sku, and the position of the log that it shows: whoever goes on from there with events
 * misses none. `expiringWithinDays` finds items with stock that expires by then, counted from today
 * in TIME_ZONE, or has expired.
 */
export const listItems = async (
  database: Database,
  query: InventoryQuery,
): Promise<InventoryPage> => {
  const { limit, cursor, search = '', category, lowStock, expiringWithinDays } = query
  const after = cursor === undefined ? null : decodeCursor(LIST, cursor, storableTextSchema)

  return database.transaction(
    async (tx) => {
      const rows = await tx.query<{ item: Item }>(
        `select item from inventory_item_view as v
          where archived_at is null
            and ($1::text is null or sku > $1)
            and ($2 = '%%' or name ilike $2 or sku ilike $2)
            and ($3::text is null or category = $3)
            and ($4::boolean is null or (usable_quantity <= threshold) = $4)
            and ($5::integer is null or exists (
              select from inventory_lots as lot
              where lot.sku = v.sku and lot.quantity > 0
                and lot.expiry_date <= (log_now() at time zone time_zone())::date + $5))
          order by sku limit $6`,
        [
          after,
          `%${escapeWildcards(search)}%`,
          category ?? null,
          lowStock ?? null,
          expiringWithinDays ?? null,
          limit + 1,
        ],
      )
      const [position] = await tx.query<Position>('select epoch, seq from log_head')
      if (position === undefined) throw new Error('log_head is empty; it has one row always.')
      const { page, nextCursor } = cutPage(rows, limit, ({ item }) => encodeCursor(LIST, item.sku))
      return { items: page.map(({ item }) => item), nextCursor, position }
    },
    { snapshot: true },
  )
}

/** The item in use; throws `INVENTORY_ITEM_NOT_FOUND`. */
export const getItem = async (database: Database, sku: string): Promise<Item> => {
  const [row] = await database.query<{ item: Item }>(
    'select item from inventory_item_view where sku = $1 and archived_at is null',
    [sku],
  )
  if (row === undefined) throw new AppError('INVENTORY_ITEM_NOT_FOUND')
  return row.item
}

const LIST = 'items'

const escapeWildcards = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&')

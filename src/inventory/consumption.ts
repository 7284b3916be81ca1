import type { Consumption, ConsumptionQuery } from '@uzima/contracts'
import type { Database } from '../storage/database.js'

/**
 * Adds up what was given out of each item in use over the last 30 days, or since its history begins. Looks at an item's last
 * 500 movements at most: where those are younger, `days` is how far back they go.
 */
export const readConsumption = async (
  database: Database,
  { sku }: ConsumptionQuery,
): Promise<Consumption> => ({
  items: await database.query(
    `select item.sku, lately.uses, lately.quantity, lately.days
      from inventory_items as item, lateral (
        select (count(*) filter (where is_use))::integer as uses,
          (coalesce(-sum(delta) filter (where is_use), 0))::double precision as quantity,
          greatest(1, least($1, ceil(extract(epoch from log_now() - min(at)) / 86400)))::integer as days
        from (
          select delta, at, type = 'consumed' and at > log_now() - make_interval(days => $1) as is_use
            from stock_movements as movement
            where movement.sku = item.sku order by movement.id desc limit 500
        ) as recent
      ) as lately
      where item.archived_at is null and lately.uses > 0 and ($2::text is null or item.sku = $2)
      order by item.sku`,
    [DAYS, sku ?? null],
  ),
})

const DAYS = 30

import type { Consume, ConsumeResult } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database, Queryable } from '../storage/database.js'
import { allocate, type OpenLot } from './allocation.js'
import { moveStock, readItem, refuseUnlessActive, type Command } from './command.js'

/**
 * Gives out stock, earliest expiry first (then by lot number); lots expired before today (UTC) only where `allowExpired`
 * says so. Throws `INVENTORY_INSUFFICIENT_STOCK` with `{ requested, available }`, and then changes nothing;
 * `INVENTORY_ITEM_NOT_FOUND`, `INVENTORY_ITEM_ARCHIVED`.
 */
export const consumeStock = (
  database: Database,
  command: Command,
  sku: string,
  body: Consume,
): Promise<ConsumeResult> =>
  moveStock(
    database,
    command,
    { action: 'consumed', reason: body.reason, sku, body },
    async (tx) => {
      // Lots before the item, as a plain UPDATE of lots locks them: with one order for all, nobody deadlocks.
      await tx.query(
        `select from inventory_lots where sku = $1 and quantity > 0
        order by expiry_date, lot_number for update`,
        [sku],
      )
      await refuseUnlessActive(tx, sku, { lock: true })
      const { usable, expired } = await readOpenLots(tx, sku, body.allowExpired ?? false)
      const lotsConsumed = allocate(usable, body.quantity)
      if (lotsConsumed === undefined) throw insufficientStock(body.quantity, usable, expired)
      await tx.query(
        `update inventory_lots as lot set quantity = lot.quantity - taken.quantity
        from jsonb_to_recordset($2::jsonb) as taken ("lotNumber" text, quantity integer)
        where lot.sku = $1 and lot.lot_number = taken."lotNumber"`,
        [sku, JSON.stringify(lotsConsumed)],
      )
      return { item: await readItem(tx, sku), lotsConsumed }
    },
  )

/**
 * Read again after the item is locked: a lot that was received since the first look may expire earlier, and from now on
 * no change of the item's lots commits before ours.
 */
const readOpenLots = async (
  tx: Queryable,
  sku: string,
  allowExpired: boolean,
): Promise<{ usable: OpenLot[]; expired: OpenLot[] }> => {
  const lots = await tx.query<OpenLot & { usable: boolean }>(
    `select lot_number as "lotNumber", expiry_date as "expiryDate", quantity,
        $2 or expiry_date >= (clock_timestamp() at time zone 'UTC')::date as usable
      from inventory_lots where sku = $1 and quantity > 0 order by expiry_date, lot_number`,
    [sku, allowExpired],
  )
  return { usable: lots.filter((lot) => lot.usable), expired: lots.filter((lot) => !lot.usable) }
}

const insufficientStock = (
  requested: number,
  usable: readonly OpenLot[],
  expired: readonly OpenLot[],
): AppError => {
  const available = unitsOf(usable)
  const inExpiredLots = unitsOf(expired)
  return new AppError('INVENTORY_INSUFFICIENT_STOCK', {
    detail:
      `Asked for ${requested.toString()}, available are ${available.toString()}.` +
      (inExpiredLots === 0
        ? ''
        : ` Another ${inExpiredLots.toString()} are in expired lots, which allowExpired takes.`),
    details: { requested, available },
  })
}

const unitsOf = (lots: readonly OpenLot[]): number =>
  lots.reduce((sum, lot) => sum + lot.quantity, 0)

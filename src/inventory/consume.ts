import type { Consume, ConsumeResult } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database, Queryable } from '../storage/database.js'
import { allocate, type OpenLot } from './allocation.js'
import { moveStock, readItem, refuseUnlessActive, type Command } from './command.js'

/**
 * Gives out stock, earliest expiry first (then by lot number), never from a lot whose last day is over. Throws
 * `INVENTORY_INSUFFICIENT_STOCK` with `{ requested, available }`, and then changes nothing; `INVENTORY_ITEM_NOT_FOUND`,
 * `INVENTORY_ITEM_ARCHIVED`.
 */
export const consumeStock = async (
  database: Database,
  command: Command,
  sku: string,
  body: Consume,
): Promise<ConsumeResult> => {
  for (;;) {
    try {
      return await consume(database, command, sku, body)
    } catch (error) {
      if (!(error instanceof ExpiryIsDue)) throw error
      // In a transaction of its own: that a lot has expired is an entry by itself, whatever becomes of this consumption.
      await database.transaction((tx) => tx.query('select expire_item($1)', [sku]))
    }
  }
}

/** A day has just ended, and nobody has written yet which lots it took. */
class ExpiryIsDue extends Error {
  override readonly name = 'ExpiryIsDue'
}

const consume = (
  database: Database,
  command: Command,
  sku: string,
  body: Consume,
): Promise<ConsumeResult> =>
  moveStock(
    database,
    command,
    { action: 'consumed', reason: body.reason, sku, body },
    {
      run: async (tx) => {
        // Lots before the item, as a plain UPDATE of lots locks them: with one order for all, nobody deadlocks.
        await tx.query(
          `select from inventory_lots where sku = $1 and quantity > 0
            order by expiry_date, lot_number for update`,
          [sku],
        )
        await refuseUnlessActive(tx, sku, { lock: true })
        const { usable, expiredUnits } = await readOpenLots(tx, sku)
        const lotsConsumed = allocate(usable, body.quantity)
        if (lotsConsumed === undefined) throw insufficientStock(body.quantity, usable, expiredUnits)
        await tx.query(
          `update inventory_lots as lot set quantity = lot.quantity - taken.quantity
            from jsonb_to_recordset($2::jsonb) as taken ("lotNumber" text, quantity integer)
            where lot.sku = $1 and lot.lot_number = taken."lotNumber"`,
          [sku, JSON.stringify(lotsConsumed)],
        )
        return { item: await readItem(tx, sku), lotsConsumed }
      },
      recall: async (tx, lots) => ({
        item: await readItem(tx, sku),
        lotsConsumed: lots.map(({ lotNumber, expiryDate, delta }) => ({
          lotNumber,
          expiryDate,
          quantity: -delta,
        })),
      }),
    },
  )

/**
 * Read again after the item is locked: a lot that was received since the first look may expire earlier, and from now on
 * no change of the item's lots commits before ours.
 */
const readOpenLots = async (
  tx: Queryable,
  sku: string,
): Promise<{ usable: OpenLot[]; expiredUnits: number }> => {
  const lots = await tx.query<OpenLot & { expired: boolean; over: boolean }>(
    `select lot_number as "lotNumber", expiry_date as "expiryDate", quantity, expired,
        end_of_day(expiry_date, time_zone()) <= log_now() as over
      from inventory_lots where sku = $1 and quantity > 0 order by expiry_date, lot_number`,
    [sku],
  )
  if (lots.some(({ expired, over }) => over && !expired)) throw new ExpiryIsDue()
  return {
    usable: lots.filter(({ expired }) => !expired),
    expiredUnits: unitsOf(lots.filter(({ expired }) => expired)),
  }
}

const insufficientStock = (
  requested: number,
  usable: readonly OpenLot[],
  expiredUnits: number,
): AppError => {
  const available = unitsOf(usable)
  return new AppError('INVENTORY_INSUFFICIENT_STOCK', {
    detail:
      `Asked for ${requested.toString()}, available are ${available.toString()}.` +
      (expiredUnits === 0 ? '' : ` Another ${expiredUnits.toString()} have expired.`),
    details: { requested, available },
  })
}

const unitsOf = (lots: readonly OpenLot[]): number =>
  lots.reduce((sum, lot) => sum + lot.quantity, 0)

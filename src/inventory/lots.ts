import type { AddLot, Adjust, Dispose, Item } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import { sqlState, type Database, type Queryable } from '../storage/database.js'
import { keepKey } from '../storage/idempotency.js'
import { moveStock, readItem, refuseUnlessActive, type Command } from './command.js'

/**
 * Receives stock; a lot that exists grows. Throws `INVENTORY_LOT_MISMATCH` where it exists with another expiry date,
 * `INVENTORY_QUANTITY_LIMIT`, `INVENTORY_ITEM_NOT_FOUND`, `INVENTORY_ITEM_ARCHIVED`.
 */
export const addLot = (
  database: Database,
  command: Command,
  sku: string,
  body: AddLot,
): Promise<Item> =>
  moveStock(
    database,
    command,
    { action: 'lot_added', reason: body.reason, sku, body },
    {
      run: async (tx) => {
        const received = await tx
          .query(
            `insert into inventory_lots as lot (sku, lot_number, quantity, expiry_date)
              values ($1, $2, $3, $4::date)
              on conflict (sku, lot_number) do update set quantity = lot.quantity + excluded.quantity
                where lot.expiry_date = excluded.expiry_date
              returning 1`,
            [sku, body.lotNumber, body.quantity, body.expiryDate],
          )
          .catch(refuseMovement)
        // Looked at afterwards: what was received has locked the item, so it cannot be archived meanwhile.
        await refuseUnlessActive(tx, sku, { lock: false })
        if (received.length === 0) {
          throw new AppError('INVENTORY_LOT_MISMATCH', {
            detail: 'Check lotNumber and expiryDate; one lot number has one expiry date.',
          })
        }
        return readItem(tx, sku)
      },
      recall: (tx) => readItem(tx, sku),
    },
  )

/**
 * Sets a lot to what was counted; a count of what is there already changes nothing. Throws `INVENTORY_COUNT_CONFLICT` with
 * `{ expected, actual }` where the lot does not hold what was expected, `INVENTORY_LOT_NOT_FOUND`,
 * `INVENTORY_QUANTITY_LIMIT`, `INVENTORY_ITEM_NOT_FOUND`, `INVENTORY_ITEM_ARCHIVED`.
 */
export const adjustLot = (
  database: Database,
  command: Command,
  sku: string,
  body: Adjust,
): Promise<Item> =>
  moveStock(
    database,
    command,
    { action: 'adjusted', reason: body.reason, sku, body },
    {
      run: async (tx, slot) => {
        const [lot] = await tx.query<{ quantity: number }>(
          'select quantity from inventory_lots where sku = $1 and lot_number = $2 for update',
          [sku, body.lotNumber],
        )
        const conflict = lot && countConflict(body, lot.quantity)
        if (lot !== undefined && conflict === undefined) {
          await tx
            .query('update inventory_lots set quantity = $3 where sku = $1 and lot_number = $2', [
              sku,
              body.lotNumber,
              body.quantity,
            ])
            .catch(refuseMovement)
        }
        await refuseUnlessActive(tx, sku, { lock: false })
        if (lot === undefined) throw new AppError('INVENTORY_LOT_NOT_FOUND')
        if (conflict !== undefined) throw conflict
        if (lot.quantity === body.quantity && slot !== undefined) await keepKey(tx, slot)
        return readItem(tx, sku)
      },
      recall: (tx) => readItem(tx, sku),
    },
  )

const countConflict = ({ expected }: Adjust, actual: number): AppError | undefined =>
  expected === undefined || expected === actual
    ? undefined
    : new AppError('INVENTORY_COUNT_CONFLICT', {
        detail: `Expected were ${expected.toString()}, the lot has ${actual.toString()}. Count again.`,
        details: { expected, actual },
      })

/**
 * Writes off units of a lot, expired or not. Throws `INVENTORY_INSUFFICIENT_STOCK` with `{ requested, available }` of the
 * lot, `INVENTORY_LOT_NOT_FOUND`, `INVENTORY_ITEM_NOT_FOUND`, `INVENTORY_ITEM_ARCHIVED`.
 */
export const disposeOfLot = (
  database: Database,
  command: Command,
  sku: string,
  body: Dispose,
): Promise<Item> =>
  moveStock(
    database,
    command,
    { action: 'disposed', reason: body.reason, sku, body },
    {
      run: async (tx) => {
        const disposed = await tx.query(
          `update inventory_lots set quantity = quantity - $3
            where sku = $1 and lot_number = $2 and quantity >= $3 returning 1`,
          [sku, body.lotNumber, body.quantity],
        )
        await refuseUnlessActive(tx, sku, { lock: false })
        if (disposed.length === 0) throw await notDisposable(tx, sku, body)
        return readItem(tx, sku)
      },
      recall: (tx) => readItem(tx, sku),
    },
  )

const notDisposable = async (
  tx: Queryable,
  sku: string,
  { lotNumber, quantity }: Dispose,
): Promise<AppError> => {
  const [lot] = await tx.query<{ quantity: number }>(
    'select quantity from inventory_lots where sku = $1 and lot_number = $2',
    [sku, lotNumber],
  )
  if (lot === undefined) return new AppError('INVENTORY_LOT_NOT_FOUND')
  return new AppError('INVENTORY_INSUFFICIENT_STOCK', {
    detail: `Asked for ${quantity.toString()}, the lot has ${lot.quantity.toString()}.`,
    details: { requested: quantity, available: lot.quantity },
  })
}

const NUMERIC_VALUE_OUT_OF_RANGE = '22003'
const FOREIGN_KEY_VIOLATION = '23503'

const refuseMovement = (error: unknown): never => {
  const state = sqlState(error)
  if (state === FOREIGN_KEY_VIOLATION) {
    throw new AppError('INVENTORY_ITEM_NOT_FOUND', { cause: error })
  }
  if (state === NUMERIC_VALUE_OUT_OF_RANGE) {
    throw new AppError('INVENTORY_QUANTITY_LIMIT', { cause: error })
  }
  throw error
}

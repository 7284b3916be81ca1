import { expect } from 'vitest'
import type { ErrorCode } from '@uzima/contracts'
import { createInventory, type Command, type Inventory } from '../../src/inventory/inventory.js'
import { createTestDatabase, type TestDatabase } from '../support/world.js'

export const pharmacist: Command = { actor: 'Amina', userId: 'user-1' }

export const withKey = (idempotencyKey: string, userId = 'user-1'): Command => ({
  actor: 'Amina',
  userId,
  idempotencyKey,
})

/** A clinic with item `amox` (threshold 10) and, for each entry of `lots`, a lot `[number, units, expiry date]`. */
export interface Clinic {
  readonly database: TestDatabase
  readonly inventory: Inventory
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export const createClinic = async (
  lots: readonly (readonly [string, number, string])[] = [],
): Promise<Clinic> => {
  const database = await createTestDatabase()
  const inventory = createInventory(database)
  await inventory.create(pharmacist, { sku: 'amox', name: 'Amoxicillin 500 mg', threshold: 10 })
  for (const [lotNumber, quantity, expiryDate] of lots) {
    await database.query(`insert into inventory_lots values ('amox', $1, $2, $3::date)`, [
      lotNumber,
      quantity,
      expiryDate,
    ])
  }
  return { database, inventory, [Symbol.asyncDispose]: database[Symbol.asyncDispose] }
}

/** Expects the refusal, with these members where they are given. */
export const expectRefusal = async (
  attempt: Promise<unknown>,
  code: ErrorCode,
  members: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  await expect(attempt).rejects.toMatchObject({ name: 'AppError', code, ...members })
}

/** Everything that a refusal must leave as it was. */
export const stateOf = (database: TestDatabase): Promise<unknown> =>
  database.query(`select
    (select jsonb_agg(to_jsonb(i) order by sku) from inventory_items i) as items,
    (select jsonb_agg(to_jsonb(l) order by sku, lot_number) from inventory_lots l) as lots,
    (select count(*) from stock_movements) as movements, (select seq from log_head) as seq`)

/** A date of the database, days from today in UTC. */
export const day = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

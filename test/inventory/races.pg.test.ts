import { describe, expect } from 'vitest'
import { itPostgresOnly, type TestDatabase } from '../support/world.js'
import { createClinic, expectRefusal, pharmacist } from './support.js'

const manyConnections = itPostgresOnly('needs several connections')

/** Resolves once another connection to this database waits for a lock. */
const untilSomebodyWaits = (database: TestDatabase): Promise<void> =>
  expect
    .poll(() =>
      database.query(`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`),
    )
    .toHaveLength(1)

describe('two programs at one item', () => {
  manyConnections('a consumption takes a lot that was received while it waited', async () => {
    await using clinic = await createClinic([['late', 5, '2041-01-01']])
    const { database, inventory } = clinic
    const consuming = await database.transaction(async (tx) => {
      await tx.query(`insert into inventory_lots values ('amox', 'early', 5, '2040-01-01')`)
      const result = inventory.consume(pharmacist, 'amox', { quantity: 6 })
      await untilSomebodyWaits(database)
      return { result }
    })
    expect((await consuming.result).lotsConsumed).toMatchObject([
      { lotNumber: 'early', quantity: 5 },
      { lotNumber: 'late', quantity: 1 },
    ])
  })

  manyConnections('a consumption counts what plain SQL left of the lot', async () => {
    await using clinic = await createClinic([['L1', 5, '2041-01-01']])
    const { database, inventory } = clinic
    const consuming = await database.transaction(async (tx) => {
      await tx.query('update inventory_lots set quantity = 2')
      const refusal = expectRefusal(
        inventory.consume(pharmacist, 'amox', { quantity: 3 }),
        'INVENTORY_INSUFFICIENT_STOCK',
        { details: { requested: 3, available: 2 } },
      )
      await untilSomebodyWaits(database)
      return { refusal }
    })
    await consuming.refusal
  })

  manyConnections('a receipt is refused where the item was archived while it waited', async () => {
    await using clinic = await createClinic([['L1', 5, '2041-01-01']])
    const { database, inventory } = clinic
    const receiving = await database.transaction(async (tx) => {
      await tx.query('delete from inventory_items')
      const lot = { lotNumber: 'L1', quantity: 1, expiryDate: '2041-01-01' }
      const refusal = expectRefusal(
        inventory.addLot(pharmacist, 'amox', lot),
        'INVENTORY_ITEM_ARCHIVED',
      )
      await untilSomebodyWaits(database)
      return { refusal }
    })
    await receiving.refusal
    expect(await database.query('select quantity from inventory_lots')).toEqual([{ quantity: 5 }])
  })

  manyConnections('a consumption and a plain UPDATE of lots do not deadlock', async () => {
    await using clinic = await createClinic([
      ['L1', 1000, '2040-01-01'],
      ['L2', 1000, '2041-01-01'],
    ])
    const { database, inventory } = clinic
    const ROUNDS = 40
    const bySql = async (): Promise<void> => {
      for (let n = 0; n < ROUNDS; n += 1) {
        await database.query(`update inventory_lots set quantity = quantity - 1 where sku = 'amox'`)
      }
    }
    const byService = async (): Promise<void> => {
      for (let n = 0; n < ROUNDS; n += 1)
        await inventory.consume(pharmacist, 'amox', { quantity: 3 })
    }
    await Promise.all([bySql(), byService(), byService()])
    const [deadlocks] = await database.query(
      'select deadlocks from pg_stat_database where datname = current_database()',
    )
    expect(deadlocks).toEqual({ deadlocks: 0 })
    expect((await inventory.get('amox')).totalQuantity).toBe(2000 - ROUNDS * (2 + 3 + 3))
  })
})

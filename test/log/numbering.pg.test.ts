import { describe, expect, it } from 'vitest'
import { checkStock } from '../../src/inventory/check-stock.js'
import { expectWithin } from '../support/long.js'
import { createTestDatabase } from '../support/world.js'
import { readEntries, readMovements, stockShelf } from './support.js'

const take = (sku: string, units: number): string =>
  `update inventory_lots set quantity = quantity - ${units.toString()} where sku = '${sku}' and lot_number = 'L2'`

describe('the numbering at COMMIT', () => {
  it('leaves no hole where a transaction or a savepoint is rolled back', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database
      .transaction(async (tx) => {
        await tx.query(take('a', 1))
        throw new Error('changed my mind')
      })
      .catch(() => undefined)
    await database.transaction(async (tx) => {
      await tx.query(take('a', 2))
      await tx.query('savepoint here')
      await tx.query(take('b', 3))
      await tx.query('rollback to here')
    })
    const entries = await readEntries(database)
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(entries.at(-1)?.payload).toMatchObject({ item: { sku: 'a', totalQuantity: 28 } })
    expect((await readMovements(database)).slice(2)).toMatchObject([
      { sku: 'a', delta: -2, seq: 3 },
    ])
  })

  it('makes one entry of each thing that a transaction touched, with all its movements', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.transaction(async (tx) => {
      for (const sku of ['b', 'a', 'b']) await tx.query(take(sku, 1))
    })
    const entries = (await readEntries(database)).slice(2)
    expect(entries).toMatchObject([
      { seq: 3, payload: { item: { sku: 'a', totalQuantity: 29 } } },
      { seq: 4, payload: { item: { sku: 'b', totalQuantity: 28 } } },
    ])
    expect((await readMovements(database)).slice(2)).toMatchObject([
      { sku: 'a', before: 30, after: 29, seq: 3 },
      { sku: 'b', before: 30, after: 29, seq: 4 },
      { sku: 'b', before: 29, after: 28, seq: 4 },
    ])
  })

  it('puts a change of rights before the stock changes of the same transaction', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.transaction(async (tx) => {
      await tx.query(take('a', 1))
      await tx.query(
        `insert into users (username, email, role) values ('mary', 'm@x.org', 'doctor')`,
      )
    })
    expect((await readEntries(database)).slice(2).map(({ name }) => name)).toEqual([
      'user:changed',
      'inventory:update',
    ])
  })

  it('numbers on where constraints are made immediate half way', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.transaction(async (tx) => {
      await tx.query(take('a', 1))
      await tx.query('set constraints all immediate')
      await tx.query(take('a', 2))
    })
    expect((await readEntries(database)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect((await readMovements(database)).slice(2)).toMatchObject([
      { before: 30, after: 29, seq: 3 },
      { before: 29, after: 27, seq: 4 },
    ])
  })

  it('alerts once per crossing, at COMMIT, and again only after a rise above the threshold', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    const setTo = (units: number): Promise<unknown> =>
      database.query(
        `update inventory_lots set quantity = $1 - case lot_number when 'L1' then 0 else $1 end where sku = 'a'`,
        [units],
      )
    for (const total of [6, 5, 4, 5, 6, 3]) await setTo(total)
    await database.transaction(async (tx) => {
      await tx.query(`update inventory_lots set quantity = 9 where sku = 'a' and lot_number = 'L1'`)
      await tx.query(`update inventory_lots set quantity = 2 where sku = 'a' and lot_number = 'L1'`)
    })
    await database.query(`update inventory_items set threshold = 1 where sku = 'a'`)
    await database.query(`update inventory_items set threshold = 2 where sku = 'a'`)
    const alerts = await database.query(`
      select (payload ->> 'totalQuantity')::integer as total, (payload ->> 'threshold')::integer as threshold
      from event_log where name = 'inventory:lowStock' order by seq`)
    expect(alerts).toEqual([
      { total: 5, threshold: 5 },
      { total: 3, threshold: 5 },
      { total: 2, threshold: 2 },
    ])
  })

  it('commits a change of 5,000 items in one transaction in seconds', async () => {
    await using database = await createTestDatabase()
    await database.script(`
      insert into inventory_items (sku, name) select 's' || n, 'Item' from generate_series(1, 5000) as n;
      insert into inventory_lots (sku, lot_number, quantity, expiry_date)
        select sku, 'L', 10, '2030-01-01' from inventory_items`)
    const startedAt = performance.now()
    await database.query('update inventory_lots set quantity = quantity - 1')
    expectWithin(15_000, performance.now() - startedAt, 'A change of 5,000 items')
    const [last] = await database.query<{ count: number; seq: number }>(
      'select count(*)::integer as count, max(seq) as seq from event_log',
    )
    expect(last).toEqual({ count: 10_000, seq: 10_000 })
    expect(await checkStock(database)).toEqual([])
  })
})

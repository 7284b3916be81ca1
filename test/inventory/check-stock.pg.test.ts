import { describe, expect, it } from 'vitest'
import { checkStock, mendStock } from '../../src/inventory/check-stock.js'
import { createInventory } from '../../src/inventory/inventory.js'
import { writeDue } from '../../src/log/due.js'
import type { Database } from '../../src/storage/database.js'
import { createTestDatabase } from '../support/world.js'
import { setClock } from './test-clock.js'

/** Runs `sql` as a restore with --disable-triggers does. */
const unseen = (database: Database, sql: string): Promise<void> =>
  database.script(`
    alter table inventory_items disable trigger user;
    alter table inventory_lots disable trigger user;
    ${sql};
    alter table inventory_items enable trigger user;
    alter table inventory_lots enable trigger user`)

const fill = (database: Database): Promise<void> =>
  database.script(`
    insert into inventory_items (sku, name, threshold) values ('a', 'A', 5), ('b', 'B', 5);
    insert into inventory_lots values ('a', 'L1', 7, '2040-01-01'), ('a', 'L2', 3, '2040-06-01'),
      ('b', 'L1', 9, '2040-01-01')`)

const headOf = async (database: Database): Promise<number> =>
  (await database.query<{ seq: number }>('select seq from log_head'))[0]?.seq ?? -1

describe('mendStock', () => {
  it('finds nothing where the triggers have seen everything', async () => {
    await using database = await createTestDatabase()
    await fill(database)
    const before = await headOf(database)
    expect(await checkStock(database)).toEqual([])
    expect(await mendStock(database)).toEqual([])
    expect(await headOf(database)).toBe(before)
  })

  it('tells and mends a total that no lot stands behind, with its alert and a movement', async () => {
    await using database = await createTestDatabase()
    await fill(database)
    await unseen(database, `delete from inventory_lots where sku = 'a' and lot_number = 'L1'`)
    const before = await headOf(database)
    const differences = await checkStock(database)
    expect(differences).toEqual([
      { sku: 'a', what: 'last movement', is: '10', should: '3' },
      { sku: 'a', what: 'low_stock_announced', is: 'false', should: 'true' },
      {
        sku: 'a',
        what: 'next expiry',
        // 90 days before, when the alert is raised that it expires.
        is: '2039-10-03T00:00:00.000Z',
        should: '2040-03-03T00:00:00.000Z',
      },
      { sku: 'a', what: 'total_quantity', is: '10', should: '3' },
    ])
    expect(await mendStock(database)).toEqual(differences)
    expect(await checkStock(database)).toEqual([])
    expect(
      await database.query(
        `select name, payload ->> 'type' as type from event_log where seq > $1 order by seq`,
        [before],
      ),
    ).toEqual([
      { name: 'inventory:update', type: 'adjusted' },
      { name: 'inventory:lowStock', type: null },
      { name: 'alert:raised', type: null },
    ])
    expect(await createInventory(database).movements('a', { limit: 1 })).toMatchObject({
      movements: [
        {
          type: 'adjusted',
          delta: -7,
          before: 10,
          after: 3,
          actor: 'doctor',
          lots: [{ lotNumber: 'L1', delta: -7, before: 7, after: 0 }],
        },
      ],
    })
    expect(await mendStock(database)).toEqual([])
  })

  it('makes stock that came in without its history known, and expires what is over', async () => {
    await using database = await createTestDatabase()
    await setClock(database, '2040-03-01T12:00Z')
    await unseen(
      database,
      `insert into inventory_items (sku, name, threshold) values ('a', 'A', 5);
       insert into inventory_lots values ('a', 'L1', 7, '2040-01-01'), ('a', 'L2', 8, '2041-01-01')`,
    )
    expect((await mendStock(database)).map(({ what }) => what)).toEqual([
      'low_stock_announced',
      'next expiry',
      'total_quantity',
    ])
    expect(await writeDue(database)).toBe(1)
    expect(await createInventory(database).get('a')).toMatchObject({
      totalQuantity: 15,
      usableQuantity: 8,
      expiredQuantity: 7,
      lots: [{ expired: true }, { expired: false }],
    })
    expect(await checkStock(database)).toEqual([])
  })

  it('makes usable again what was loaded as expired before its time', async () => {
    await using database = await createTestDatabase()
    await fill(database)
    await unseen(database, `update inventory_lots set expired = true where sku = 'a'`)
    expect((await checkStock(database)).map(({ what }) => what)).toEqual([
      'alerts',
      'expired lots',
      'expired_quantity',
      'low_stock_announced',
      'next expiry',
    ])
    await mendStock(database)
    expect(await createInventory(database).get('a')).toMatchObject({ usableQuantity: 10 })
    expect(await checkStock(database)).toEqual([])
  })
})

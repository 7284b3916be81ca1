import { inventoryPageSchema, type InventoryQuery } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { createInventory, type Inventory } from '../../src/inventory/inventory.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'
import { expectRefusal } from './support.js'

const stock = (database: TestDatabase): Promise<void> =>
  database.script(`
    insert into inventory_items (sku, name, category, threshold) values
      ('AMX-500', 'Amoxicillin 500 mg', 'Antibiotics', 5),
      ('a_b', 'Saline 0.9% \\ 1 l', 'Fluids', 5),
      ('PAR-500', 'Paracetamol 500 mg', 'Pain', 5),
      ('ZNC-20', 'Zinc 20 mg', null, 0),
      ('old', 'Gone', 'Pain', 0);
    insert into inventory_lots (sku, lot_number, quantity, expiry_date)
      select l.sku, l.number, l.units, (now() at time zone 'UTC')::date + l.days from (values
        ('AMX-500', 'L1', 6, 400), ('AMX-500', 'L2', 0, 1), ('PAR-500', 'L1', 5, 7),
        ('ZNC-20', 'L1', 1, -3)) as l (sku, number, units, days);
    update inventory_items set archived_at = now() where sku = 'old'`)

const skusOf = async (inventory: Inventory, query: Partial<InventoryQuery>): Promise<string[]> =>
  (await inventory.list({ limit: 100, ...query })).items.map(({ sku }) => sku)

describe('list', () => {
  it('finds by search, category, low stock and expiry, in byte order of the sku', async () => {
    await using database = await createTestDatabase()
    await stock(database)
    const inventory = createInventory(database)
    const expected: [Partial<InventoryQuery>, string[]][] = [
      [{}, ['AMX-500', 'PAR-500', 'ZNC-20', 'a_b']],
      [{ search: '500 MG' }, ['AMX-500', 'PAR-500']],
      [{ search: 'znc-' }, ['ZNC-20']],
      [{ search: '%' }, ['a_b']],
      [{ search: '_' }, ['a_b']],
      [{ search: '\\' }, ['a_b']],
      [{ search: `'; drop table users; --` }, []],
      [{ category: 'Pain' }, ['PAR-500']],
      [{ category: 'pain' }, []],
      [{ lowStock: true }, ['PAR-500', 'ZNC-20', 'a_b']],
      [{ lowStock: false }, ['AMX-500']],
      [{ expiringWithinDays: 0 }, ['ZNC-20']],
      [{ expiringWithinDays: 6 }, ['ZNC-20']],
      [{ expiringWithinDays: 7 }, ['PAR-500', 'ZNC-20']],
      [{ expiringWithinDays: 7, lowStock: true, search: 'para' }, ['PAR-500']],
    ]
    for (const [query, skus] of expected) {
      expect(await skusOf(inventory, query), JSON.stringify(query)).toEqual(skus)
    }
  })

  it('goes through all items page by page', async () => {
    await using database = await createTestDatabase()
    await stock(database)
    const inventory = createInventory(database)
    const first = inventoryPageSchema.parse(await inventory.list({ limit: 3 }))
    const second = await inventory.list({ limit: 3, cursor: first.nextCursor ?? '' })
    expect([first, second].map(({ items }) => items.map(({ sku }) => sku))).toEqual([
      ['AMX-500', 'PAR-500', 'ZNC-20'],
      ['a_b'],
    ])
    expect(second.nextCursor).toBeNull()
    expect((await inventory.list({ limit: 4 })).nextCursor).toBeNull()
  })

  it('refuses a cursor that it did not give', async () => {
    await using database = await createTestDatabase()
    const inventory = createInventory(database)
    const forged = ['', '?', 'sku:a', btoa('sku:'), btoa('movement:1'), btoa('sku:\0'), 'c2t1OmE=']
    for (const cursor of forged) {
      await expectRefusal(inventory.list({ limit: 1, cursor }), 'VALIDATION_FAILED')
    }
  })

  it('names the position of the log that it shows', async () => {
    await using database = await createTestDatabase()
    await stock(database)
    const [head] = await database.query('select epoch, seq from log_head')
    expect((await createInventory(database).list({ limit: 1 })).position).toEqual(head)
  })

  itPostgresOnly('needs a writer beside the reader')(
    'shows at each moment exactly the stock of its position',
    async () => {
      await using database = await createTestDatabase()
      await stock(database)
      const inventory = createInventory(database)
      const [{ seq: base } = { seq: 0 }] = await database.query<{ seq: number }>(
        'select seq from log_head',
      )
      const WRITES = 60
      let done = false
      const write = async (): Promise<void> => {
        for (let n = 0; n < WRITES; n += 1) {
          await database.query(
            `update inventory_lots set quantity = quantity + 1 where sku = 'ZNC-20'`,
          )
        }
        done = true
      }
      const read = async (): Promise<number> => {
        let reads = 0
        for (; !done; reads += 1) {
          const { items, position } = await inventory.list({ limit: 10, search: 'ZNC' })
          // One unit and one entry per write: the two tell the same moment.
          expect(items[0]?.totalQuantity).toBe(1 + position.seq - base)
        }
        return reads
      }
      const [, reads] = await Promise.all([write(), read()])
      expect(reads).toBeGreaterThan(0)
    },
  )
})

import { describe, expect, it } from 'vitest'
import { createTestDatabase } from '../support/world.js'
import { readEntries, readMovements, stockShelf } from './support.js'

const itemVersion = `select version, total_quantity as total from inventory_items where sku = 'a'`

describe('the triggers of stock', () => {
  it('tell a movement, its actor and its reason from a plain UPDATE', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.transaction(async (tx) => {
      await tx.query(`select set_config('uzima.actor', 'stocktake', true),
        set_config('uzima.reason', 'yearly count', true)`)
      await tx.query(`update inventory_lots set quantity = quantity - 4 where sku = 'a'`)
    })

    const entry = (await readEntries(database)).at(-1)
    expect(entry).toMatchObject({
      name: 'inventory:update',
      audience: 'stock',
      payload: { seq: entry?.seq, type: 'adjusted', item: { sku: 'a', totalQuantity: 22 } },
    })
    expect((await readMovements(database)).at(-1)).toEqual({
      sku: 'a',
      type: 'adjusted',
      delta: -8,
      before: 30,
      after: 22,
      lots: [
        { lotNumber: 'L1', expiryDate: '2030-01-01', delta: -4, before: 10, after: 6 },
        { lotNumber: 'L2', expiryDate: '2031-01-01', delta: -4, before: 20, after: 16 },
      ],
      actor: 'stocktake',
      reason: 'yearly count',
      seq: entry?.seq,
    })
  })

  it('name the database role where a writer does not name itself', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    const [me] = await database.query<{ name: string }>('select session_user::text as name')
    expect((await readMovements(database)).map(({ actor }) => actor)).toEqual([me?.name, me?.name])
  })

  it('keep one chain of totals where one statement both inserts and updates', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.query(`
      insert into inventory_lots (sku, lot_number, quantity, expiry_date)
        values ('a', 'L1', 3, '2030-01-01'), ('a', 'L3', 7, '2032-01-01')
        on conflict (sku, lot_number) do update set quantity = inventory_lots.quantity + excluded.quantity`)

    const moves = (await readMovements(database)).slice(2)
    expect(moves.map(({ delta }) => delta).sort()).toEqual([3, 7])
    for (const move of moves) {
      expect(move.lots.reduce((sum, lot) => sum + lot.delta, 0)).toBe(move.delta)
      expect(move.after - move.before).toBe(move.delta)
    }
    expect(moves[1]?.before).toBe(moves[0]?.after)
    expect(await database.query(itemVersion)).toMatchObject([{ total: 40 }])
  })

  it('keep the totals of both items where a statement moves a lot to another item', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.query(
      `update inventory_lots set sku = 'b', lot_number = 'L9' where sku = 'a' and lot_number = 'L1'`,
    )
    expect((await readMovements(database)).slice(2)).toMatchObject([
      { sku: 'a', delta: -10, before: 30, after: 20 },
      { sku: 'b', delta: 10, before: 30, after: 40 },
    ])
  })

  it('tell of a deleted lot', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.query(`delete from inventory_lots where sku = 'a' and lot_number = 'L2'`)
    expect((await readMovements(database)).at(-1)).toMatchObject({
      sku: 'a',
      delta: -20,
      after: 10,
    })
  })

  it('leave version and log alone where a statement changes nothing', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    const before = await database.query(itemVersion)
    const entries = await readEntries(database)
    await database.script(`
      update inventory_items set name = name, threshold = threshold;
      update inventory_items set updated_at = now(), version = 99 where sku = 'a';
      update inventory_lots set quantity = quantity;
      update inventory_lots set quantity = 0 where sku = 'nobody'`)
    expect(await database.query(itemVersion)).toEqual(before)
    expect(await readEntries(database)).toEqual(entries)
  })

  it('raise the version by one for each change that an event shows', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    const changes = [
      `update inventory_items set name = 'New name' where sku = 'a'`,
      `update inventory_items set metadata = '{"atc": "J01CA04"}' where sku = 'a'`,
      `update inventory_lots set expiry_date = '2030-02-02' where sku = 'a' and lot_number = 'L1'`,
      `update inventory_lots set received_at = '2025-01-01Z' where sku = 'a' and lot_number = 'L1'`,
      `update inventory_lots set quantity = case lot_number when 'L1' then 11 else 19 end where sku = 'a'`,
    ]
    for (const change of changes) await database.query(change)
    const versions = (await readEntries(database))
      .slice(-changes.length)
      .map(({ payload }) => payload.item?.version)
    expect(versions).toEqual([3, 4, 5, 6, 7])
  })

  it('refuse a total that is not the sum of the lots', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await expect(
      database.query(`update inventory_items set total_quantity = 7 where sku = 'a'`),
    ).rejects.toThrow(/total_quantity is kept by the database/)
    await expect(
      database.query(
        `insert into inventory_items (sku, name, total_quantity) values ('c', 'C', 1)`,
      ),
    ).rejects.toThrow(/total_quantity is kept by the database/)
  })

  it('refuse what would make the log lie', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    const refused: [string, RegExp][] = [
      [`truncate inventory_lots`, /TRUNCATE of inventory_lots would go unseen/],
      [`truncate event_log`, /TRUNCATE of event_log/],
      [`update event_log set payload = '{}'`, /event_log is history/],
      [`delete from event_log`, /the newest stays/],
      [`delete from event_log where seq = 2`, /from the beginning only/],
      [`delete from log_head`, /its head stays/],
      [`truncate log_head`, /TRUNCATE of log_head/],
      [`update log_head set seq = 0`, /only go up/],
      [`truncate settings`, /TRUNCATE of settings/],
      [`delete from stock_movements`, /stock_movements is history/],
      [`update inventory_items set sku = 'z' where sku = 'a'`, /never changed/],
      [`update inventory_lots set quantity = -1`, /inventory_lots_quantity_check/],
      [`update inventory_lots set expiry_date = 'infinity'`, /inventory_lots_expiry_date_check/],
      [`update inventory_lots set received_at = '-infinity'`, /inventory_lots_received_at_check/],
      [`update inventory_lots set quantity = 2147483647`, /out of range/],
    ]
    const before = await readEntries(database)
    for (const [sql, reason] of refused) {
      await expect(database.query(sql), sql).rejects.toThrow(reason)
    }
    expect(await readEntries(database)).toEqual(before)
  })

  it('archive instead of deleting, and call what happens to an archived item so', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.query(`delete from inventory_items where sku = 'a'`)
    await database.query(`update inventory_lots set quantity = 1 where sku = 'a'`)
    await database.query(`update inventory_items set archived_at = null where sku = 'a'`)
    const types = (await readEntries(database))
      .filter(({ name }) => name === 'inventory:update')
      .map(({ payload }) => payload.type)
    expect(types.slice(-3)).toEqual(['archived', 'archived', 'updated'])
    expect((await readMovements(database)).at(-1)).toMatchObject({ type: 'adjusted', delta: -28 })
  })

  it('do not call archived what the same transaction brings back', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    const bringBack = (more: string): Promise<void> =>
      database.script(`
        delete from inventory_items where sku = 'a';
        update inventory_items set archived_at = null where sku = 'a';
        ${more}`)
    await bringBack('')
    await bringBack(`update inventory_lots set quantity = 2 where sku = 'a'`)
    expect((await readEntries(database)).slice(2)).toMatchObject([
      { payload: { type: 'updated' } },
      { payload: { type: 'adjusted' } },
      { name: 'inventory:lowStock' },
      { name: 'alert:raised' },
    ])
  })

  it('serve a program that may write the stock and nothing else', async () => {
    await using database = await createTestDatabase()
    await stockShelf(database)
    await database.script(`
      create role clerk_${process.pid.toString()};
      grant select, insert, update, delete on inventory_lots, inventory_items to clerk_${process.pid.toString()}`)
    try {
      await database.transaction(async (tx) => {
        await tx.query(`set local role clerk_${process.pid.toString()}`)
        await tx.query(`update inventory_lots set quantity = quantity - 1 where sku = 'a'`)
        await tx.query(`update inventory_items set threshold = 28 where sku = 'a'`)
      })
      expect((await readMovements(database)).at(-1)).toMatchObject({
        delta: -2,
        actor: `clerk_${process.pid.toString()}`,
      })
      await expect(
        database.transaction(async (tx) => {
          await tx.query(`set local role clerk_${process.pid.toString()}`)
          await tx.query(`select log_touch('item', 'a', '{"op": "adjusted"}')`)
        }),
      ).rejects.toThrow(/permission denied/)
    } finally {
      await database.script(`
        drop owned by clerk_${process.pid.toString()}; drop role clerk_${process.pid.toString()}`)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { rescheduleExpiries } from '../../src/inventory/check-stock.js'
import { createInventory } from '../../src/inventory/inventory.js'
import { settleTimeZone } from '../../src/inventory/time-zone.js'
import { writeDue } from '../../src/log/due.js'
import { createTestDatabase } from '../support/world.js'
import { setClock } from './test-clock.js'

describe('settleTimeZone', () => {
  it('keeps what the database has, where nobody asks, and begins with the machine', async () => {
    await using database = await createTestDatabase()
    expect(await settleTimeZone(database, undefined, 'Africa/Nairobi')).toEqual({
      zone: 'Africa/Nairobi',
    })
    expect(await settleTimeZone(database, undefined, 'Asia/Tokyo')).toEqual({
      zone: 'Africa/Nairobi',
    })
  })

  it('lets a setting change it, in any letter case, and says so', async () => {
    await using database = await createTestDatabase()
    await settleTimeZone(database, 'africa/NAIROBI')
    expect(await settleTimeZone(database, 'Africa/Nairobi')).toEqual({ zone: 'Africa/Nairobi' })
    expect(await settleTimeZone(database, 'europe/berlin')).toEqual({
      zone: 'Europe/Berlin',
      before: 'Africa/Nairobi',
    })
  })

  it('refuses what is no place, in one sentence', async () => {
    await using database = await createTestDatabase()
    for (const zone of ['Foo3', 'UTC+3', 'CST', 'posix/UTC', "x'; drop table users; --"]) {
      await expect(settleTimeZone(database, zone)).rejects.toThrow(/^TIME_ZONE: .*no time zone/)
    }
    expect(await database.query('select * from settings')).toEqual([])
  })
})

describe('another time zone', () => {
  it.each([
    ['deleted', `delete from settings`],
    ['renamed', `update settings set name = 'former_time_zone'`],
  ])('is UTC where the setting is %s, at once', async (_, sql) => {
    await using database = await createTestDatabase()
    await setClock(database, '2026-11-26T22:00Z')
    await settleTimeZone(database, 'Africa/Nairobi')
    await database.script(`
      insert into inventory_items (sku, name, threshold) values ('a', 'A', 10);
      insert into inventory_lots values ('a', 'L', 20, '2026-11-26')`)
    await writeDue(database)
    const inventory = createInventory(database)
    expect(await inventory.get('a')).toMatchObject({ usableQuantity: 0 })
    await database.query(sql)

    expect(await inventory.get('a')).toMatchObject({ usableQuantity: 20 })
  })

  it('changes when lots expire, and what has or has not, each as an entry', async () => {
    await using database = await createTestDatabase()
    await setClock(database, '2026-11-26T22:00Z')
    await settleTimeZone(database, 'UTC')
    await database.script(`
      insert into inventory_items (sku, name, threshold) values ('a', 'A', 10);
      insert into inventory_lots values ('a', 'L', 20, '2026-11-26')`)
    const inventory = createInventory(database)

    await settleTimeZone(database, 'Africa/Nairobi')
    expect(await writeDue(database)).toBe(1)
    expect(await inventory.get('a')).toMatchObject({ usableQuantity: 0, lowStock: true })

    await database.query(`update settings set value = 'america/new_york'`)
    expect(await inventory.get('a')).toMatchObject({ usableQuantity: 20, lowStock: false })
    expect(await writeDue(database)).toBe(0)
    await setClock(database, '2026-11-27T05:00Z')
    expect(await writeDue(database)).toBe(1)
    const entries = await database.query<{ type: string }>(
      `select payload ->> 'type' as type from event_log where name = 'inventory:update' order by seq`,
    )
    expect(entries.map(({ type }) => type)).toEqual(['created', 'expired', 'updated', 'expired'])
    expect(await rescheduleExpiries(database)).toBe(0)
  })

  it('is noticed where its rules have changed in another release', async () => {
    await using database = await createTestDatabase()
    await setClock(database, '2026-11-26T12:00Z')
    await database.script(`
      insert into inventory_items (sku, name) values ('a', 'A'), ('b', 'B');
      insert into inventory_lots values ('a', 'L', 20, '2026-11-26'), ('b', 'L', 20, '2026-11-25');
      update due set due_at = due_at + interval '1 hour' where kind = 'item';
      insert into due values ('item', 'b', '2026-11-26T00:00Z')`)
    expect(await rescheduleExpiries(database)).toBe(2)
    expect(await database.query(`select key, due_at from due where kind = 'item'`)).toEqual([
      { key: 'a', due_at: new Date('2026-11-27T00:00Z') },
    ])
  })
})

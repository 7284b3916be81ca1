import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { alertEventSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { writeDue } from '../../src/log/due.js'
import { migrate } from '../../src/storage/migrate.js'
import { letDaysPass, setClock } from '../inventory/test-clock.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'
import { allAlerts, told, unresolved } from './support.js'

/** An item with a threshold of 10 and 50 units that expire in a year. */
const createShelf = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase()
  await setClock(database, '2030-01-01 12:00Z')
  await database.script(`
    insert into inventory_items (sku, name, threshold) values ('a', 'Amoxicillin', 10);
    insert into inventory_lots values ('a', 'L', 50, '2031-01-01')`)
  return database
}

const setQuantity = (database: TestDatabase, quantity: number): Promise<unknown> =>
  database.query(`update inventory_lots set quantity = $1 where lot_number = 'L'`, [quantity])

describe('an alert', () => {
  it('is raised once, however often the stock changes below its threshold, and is an entry of the log', async () => {
    await using database = await createShelf()
    for (const quantity of [10, 9, 8]) await setQuantity(database, quantity)

    const [alert, ...others] = await allAlerts(database)
    expect(others).toEqual([])
    expect(alert).toEqual({
      id: '1',
      kind: 'low_stock',
      sku: 'a',
      name: 'Amoxicillin',
      state: 'open',
      raisedAt: '2030-01-01T12:00:00.000Z',
      seq: expect.any(Number) as number,
      seenBy: [],
    })
    const entries = await database.query<{ seq: number; payload: unknown; audience: string }>(
      `select seq, payload, audience from event_log where name = 'alert:raised'`,
    )
    expect(entries).toMatchObject([{ seq: alert?.seq, audience: 'alert', payload: { alert } }])
    expect(alertEventSchema.parse(entries[0]?.payload).seq).toBe(alert?.seq)
  })

  it('of no stock takes the place of one of low stock, and the other way round', async () => {
    await using database = await createShelf()
    for (const quantity of [5, 0, 0, 3, 40]) await setQuantity(database, quantity)
    expect(await told(database)).toEqual([
      'alert:raised low_stock open',
      'alert:changed low_stock resolved',
      'alert:raised out_of_stock open',
      'alert:changed out_of_stock resolved',
      'alert:raised low_stock open',
      'alert:changed low_stock resolved',
    ])
    expect(await unresolved(database)).toEqual([])
  })

  it('is not raised by what dips and recovers in one transaction, nor for an item that never had stock', async () => {
    await using database = await createShelf()
    await database.query(`insert into inventory_items (sku, name, threshold) values ('b', 'B', 5)`)
    await database.script(`begin; update inventory_lots set quantity = 0;
      update inventory_lots set quantity = 20; commit`)
    expect(await told(database)).toEqual([])
    // One that has lost its lots did have stock.
    await database.query(`delete from inventory_lots where sku = 'a'`)
    expect(await unresolved(database)).toEqual(['a out_of_stock'])
  })

  it('is resolved when its cause is gone, and raised anew when that comes back', async () => {
    await using database = await createShelf()
    await setQuantity(database, 5)
    for (const [goes, comes] of [
      ['update inventory_items set threshold = 3', 'update inventory_items set threshold = 10'],
      [
        `delete from inventory_items where sku = 'a'`,
        'update inventory_items set archived_at = null',
      ],
      [
        `insert into inventory_lots values ('a', 'M', 20, '2032-01-01')`,
        `delete from inventory_lots where lot_number = 'M'`,
      ],
    ] as const) {
      expect(await unresolved(database)).toEqual(['a low_stock'])
      await database.query(goes)
      expect(await unresolved(database), goes).toEqual([])
      await database.query(comes)
    }
    expect((await allAlerts(database)).map(({ state }) => state)).toEqual([
      'resolved',
      'resolved',
      'resolved',
      'open',
    ])
  })

  it('goes by the name that its item has', async () => {
    await using database = await createShelf()
    await setQuantity(database, 5)
    await database.query(`update inventory_items set name = 'Amoxil'`)
    expect(await allAlerts(database)).toMatchObject([{ name: 'Amoxil', state: 'open' }])
    expect(await told(database)).toEqual([
      'alert:raised low_stock open',
      'alert:changed low_stock open',
    ])
  })
})

describe('an alert of a lot', () => {
  it('is raised by time, a settable number of days before and again when the last day is over', async () => {
    await using database = await createShelf()
    await database.query(`insert into inventory_lots values ('a', 'M', 20, '2030-06-30')`)
    await setClock(database, '2030-03-31 23:59Z')
    await writeDue(database)
    expect(await unresolved(database)).toEqual([])

    await setClock(database, '2030-04-01 00:00Z')
    await writeDue(database)
    expect(await unresolved(database)).toEqual(['a expiring M'])

    await setClock(database, '2030-07-01 00:00Z')
    await writeDue(database)
    expect(await unresolved(database)).toEqual(['a expired M'])
    expect(await told(database)).toEqual([
      'alert:raised expiring open',
      'alert:changed expiring resolved',
      'alert:raised expired open',
    ])
  })

  it('is written once by any number of writers, after a stop as well', async () => {
    await using database = await createShelf()
    await database.query(`insert into inventory_lots values ('a', 'M', 20, '2030-06-30')`)
    await letDaysPass(database, 1_000)
    await Promise.all([1, 2, 3, 4].map(() => writeDue(database)))
    await writeDue(database)
    expect(await unresolved(database)).toEqual(['a out_of_stock', 'a expired L', 'a expired M'])
    expect((await told(database)).filter((line) => line.includes('expired'))).toHaveLength(2)
    expect(await database.query('select * from check_stock()')).toEqual([])
  })

  it('is resolved when the lot is empty, gone or good for longer', async () => {
    await using database = await createShelf()
    for (const end of [
      `update inventory_lots set quantity = 0 where lot_number = 'M'`,
      `update inventory_lots set expiry_date = '2031-01-01' where lot_number = 'M'`,
      `delete from inventory_lots where lot_number = 'M'`,
    ]) {
      await database.query(`insert into inventory_lots values ('a', 'M', 20, '2030-02-01')
        on conflict (sku, lot_number) do update set quantity = 20, expiry_date = '2030-02-01'`)
      expect(await unresolved(database)).toEqual(['a expiring M'])
      await database.query(end)
      expect(await unresolved(database), end).toEqual([])
    }
  })

  it('is looked at anew when the days of notice or the time zone change', async () => {
    await using database = await createShelf()
    await database.query(`insert into inventory_lots values ('a', 'M', 20, '2030-06-30')`)
    const set = (name: string, value: string): Promise<unknown> =>
      database.query(
        'insert into settings values ($1, $2) on conflict (name) do update set value = excluded.value',
        [name, value],
      )
    await set('alert_expiring_within_days', '180')
    expect(await unresolved(database)).toEqual(['a expiring M'])
    await set('alert_expiring_within_days', '179')
    expect(await unresolved(database)).toEqual([])
    // There it is the second of January already.
    await set('time_zone', 'Pacific/Kiritimati')
    expect(await unresolved(database)).toEqual(['a expiring M'])
    await expect(set('alert_expiring_within_days', '-1')).rejects.toThrow('no whole number')
  })
})

it('stock that was low before anybody looked has its alerts', async () => {
  await using database = await createTestDatabase({ migrated: false })
  const folder = await mkdtemp(join(tmpdir(), 'uzima-migrations-'))
  try {
    for (const name of await readdir('migrations')) {
      if (name < '0018') await copyFile(join('migrations', name), join(folder, name))
    }
    await migrate(database, pathToFileURL(`${folder}/`))
  } finally {
    await rm(folder, { recursive: true })
  }
  await database.script(`
    insert into inventory_items (sku, name, threshold)
      values ('a', 'A', 10), ('b', 'B', 10), ('c', 'C', 0), ('d', 'D', 10), ('new', 'New', 10);
    insert into inventory_lots values ('a', 'L', 5, '2999-01-31'), ('b', 'L', 50, current_date + 3),
      ('c', 'L', 0, '2999-01-31'), ('d', 'L', 7, '2020-01-31'), ('d', 'M', 20, '2999-01-31')`)
  await migrate(database)
  expect(await unresolved(database)).toEqual([
    'a low_stock',
    'b expiring L',
    'c out_of_stock',
    'd expired L',
  ])
  expect(await database.query('select * from check_stock()')).toEqual([])
})

itPostgresOnly('needs several connections')(
  'ten writers at once raise one alert, and one more when all is gone',
  async () => {
    await using database = await createShelf()
    await Promise.all(
      Array.from({ length: 50 }, () =>
        database.query(`update inventory_lots set quantity = quantity - 1 where lot_number = 'L'`),
      ),
    )
    expect(await told(database)).toEqual([
      'alert:raised low_stock open',
      'alert:changed low_stock resolved',
      'alert:raised out_of_stock open',
    ])
  },
)

import { describe, expect, it } from 'vitest'
import { createInventory } from '../../src/inventory/inventory.js'
import { settleTimeZone } from '../../src/inventory/time-zone.js'
import { writeDue } from '../../src/log/due.js'
import type { Queryable } from '../../src/storage/database.js'
import { putOffEscalations, setClock } from '../inventory/test-clock.js'
import { expectRefusal, pharmacist } from '../inventory/support.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../support/world.js'

/** An item `a`, threshold 10, with lots `[number, units, last day]`, at `now` in `zone`. */
const createShelf = async (
  now: string,
  lots: readonly (readonly [string, number, string])[],
  zone?: string,
): Promise<TestDatabase> => {
  const database = await createTestDatabase()
  if (zone !== undefined) await settleTimeZone(database, zone)
  await setClock(database, now)
  await putOffEscalations(database)
  await database.query(`insert into inventory_items (sku, name, threshold) values ('a', 'A', 10)`)
  for (const lot of lots) {
    await database.query(`insert into inventory_lots values ('a', $1, $2, $3::date)`, [...lot])
  }
  return database
}

interface Told {
  readonly name: string
  readonly type?: string
  readonly dueAt?: string
  readonly usable: number
  readonly expired?: readonly string[]
}

/** What the log tells of the stock after `since`, in short. */
const told = (database: Queryable, since = 0): Promise<Told[]> =>
  database.query<Told>(
    `select name, payload ->> 'type' as type, payload ->> 'dueAt' as "dueAt",
        coalesce(payload #>> '{item,usableQuantity}', payload ->> 'usableQuantity')::integer as usable,
        (select jsonb_agg(lot ->> 'lotNumber') from jsonb_array_elements(payload #> '{item,lots}') as lot
          where (lot ->> 'expired')::boolean) as expired
      from event_log where seq > $1 and name like 'inventory:%' order by seq`,
    [since],
  )

const headOf = async (database: Queryable): Promise<number> =>
  (await database.query<{ seq: number }>('select seq from log_head'))[0]?.seq ?? -1

describe('the end of a day', () => {
  it('is the first moment of the next one, where midnight is skipped or comes twice as well', async () => {
    await using database = await createTestDatabase()
    const wrong = await database.query(`
      select zone, day, ends from (
        select zone, day::date, end_of_day(day::date, zone) as ends
        from unnest(array['UTC', 'Africa/Nairobi', 'America/Havana', 'Atlantic/Azores', 'Africa/Cairo', 'Asia/Beirut',
            'America/Asuncion', 'America/Santiago', 'Europe/Berlin', 'Asia/Gaza', 'America/St_Johns']) as zone,
          generate_series(date '2024-01-01', date '2026-12-31', '1 day') as day) as ended
      where (ends at time zone zone)::date <= day
        or ((ends - interval '1 second') at time zone zone)::date > day`)
    expect(wrong).toEqual([])
    const [special] = await database.query(`select
      end_of_day('2025-11-01', 'America/Havana') as twice, end_of_day('2018-11-03', 'America/Sao_Paulo') as skipped,
      end_of_day('2011-12-29', 'Pacific/Apia') as "before a day that never was"`)
    expect(special).toEqual({
      twice: new Date('2025-11-02T04:00:00Z'),
      skipped: new Date('2018-11-04T03:00:00Z'),
      'before a day that never was': new Date('2011-12-30T10:00:00Z'),
    })
  })
})

describe('a lot', () => {
  it('has expired at 00:31 in Nairobi, though in Greenwich its last day goes on', async () => {
    await using database = await createShelf(
      '2026-11-26T20:59:00Z',
      [
        ['old', 100, '2026-11-26'],
        ['good', 5, '2027-11-26'],
      ],
      'Africa/Nairobi',
    )
    const inventory = createInventory(database)
    expect(await writeDue(database)).toBe(0)
    expect(await inventory.get('a')).toMatchObject({ usableQuantity: 105, lowStock: false })

    const before = await headOf(database)
    await setClock(database, '2026-11-26T21:31:00Z')
    expect(await writeDue(database)).toBe(1)
    const dueAt = '2026-11-26T21:00:00.000Z'
    expect(await told(database, before)).toMatchObject([
      { name: 'inventory:update', type: 'expired', dueAt, usable: 5, expired: ['old'] },
      { name: 'inventory:lowStock', usable: 5 },
    ])
    expect(await inventory.get('a')).toMatchObject({
      totalQuantity: 105,
      usableQuantity: 5,
      expiredQuantity: 100,
      lowStock: true,
    })
    const low = await inventory.list({ limit: 10, lowStock: true })
    expect(low.items.map(({ sku }) => sku)).toEqual(['a'])
    await expectRefusal(
      inventory.consume(pharmacist, 'a', { quantity: 6 }),
      'INVENTORY_INSUFFICIENT_STOCK',
      { details: { requested: 6, available: 5 } },
    )
    expect(await writeDue(database)).toBe(0)
  })

  it.each([
    ['2026-03-29', '2026-03-29T21:59:59Z', '2026-03-29T22:00:00Z'],
    ['2026-10-25', '2026-10-25T22:59:59Z', '2026-10-25T23:00:00Z'],
  ])(
    'is usable through its last day %s in Berlin, on which clocks are set',
    async (day, last, end) => {
      await using database = await createShelf(last, [['L', 20, day]], 'Europe/Berlin')
      expect(await writeDue(database)).toBe(0)
      await createInventory(database).consume(pharmacist, 'a', { quantity: 1 })
      await setClock(database, end)
      expect(await writeDue(database)).toBe(1)
      expect(await createInventory(database).get('a')).toMatchObject({ usableQuantity: 0 })
    },
  )

  it('is not given out in the moment before somebody has written that it expired', async () => {
    await using database = await createShelf('2026-11-26T12:00Z', [
      ['old', 100, '2026-11-26'],
      ['good', 15, '2027-11-26'],
    ])
    const before = await headOf(database)
    await setClock(database, '2026-11-27T00:00:01Z')
    const result = await createInventory(database).consume(pharmacist, 'a', { quantity: 1 })
    expect(result.lotsConsumed).toMatchObject([{ lotNumber: 'good' }])
    expect(await told(database, before)).toMatchObject([
      { type: 'expired', usable: 15, dueAt: '2026-11-27T00:00:00.000Z' },
      { type: 'consumed', usable: 14 },
    ])
    expect(await writeDue(database)).toBe(0)
  })

  it('is not given out by a transaction that commits after its last day', async () => {
    await using database = await createShelf('2026-11-26T23:59:59Z', [['L', 100, '2026-11-26']])
    const give = (): Promise<unknown> =>
      database.transaction(async (tx) => {
        await tx.query(`select set_config('uzima.action', 'consumed', true)`)
        await tx.query('update inventory_lots set quantity = quantity - 1')
        await tx.query(`update test_clock set at = '2026-11-27T00:00Z'`)
      })
    await expect(give()).rejects.toMatchObject({ code: '40001' })
    await setClock(database, '2026-11-27T00:00Z')
    await writeDue(database)
    await expect(give()).rejects.toThrow(/has expired: it is not consumed/)
    expect(await database.query('select quantity from inventory_lots')).toEqual([{ quantity: 100 }])
  })

  it('that comes in expired is expired from the start, and usable again with a later date', async () => {
    await using database = await createShelf('2026-11-27T12:00Z', [['L', 20, '2026-11-26']])
    await database.query(`update inventory_lots set expired = false`)
    await database.query(`update inventory_lots set expiry_date = '2026-11-27'`)
    await database.query(`update inventory_lots set expired = true, quantity = 19`)
    await database.query(`update inventory_lots set expiry_date = '2026-11-26'`)
    await setClock(database, '2026-11-28T12:00Z')
    expect(await writeDue(database)).toBe(0)
    expect(await told(database)).toMatchObject([
      { type: 'created' },
      { type: 'lot_added', usable: 0, expired: ['L'] },
      { type: 'adjusted', usable: 20, expired: null },
      { type: 'adjusted', usable: 19, expired: null },
      { type: 'adjusted', usable: 0, expired: ['L'] },
      { name: 'inventory:lowStock', usable: 0 },
    ])
  })

  it('expires empty as well, and of an archived item, without bringing it back', async () => {
    await using database = await createShelf('2026-11-26T12:00Z', [['L', 0, '2026-11-26']])
    await database.query(`insert into inventory_lots values ('a', 'M', 20, '2026-11-27')`)
    await setClock(database, '2026-11-27T12:00Z')
    const before = await headOf(database)
    await writeDue(database)
    await database.query('delete from inventory_items')
    await setClock(database, '2026-11-28T12:00Z')
    await writeDue(database)
    expect(await told(database, before)).toMatchObject([
      { type: 'expired', usable: 20, expired: ['L'] },
      { type: 'archived', usable: 20, expired: ['L'] },
      { type: 'archived', usable: 0, expired: ['L', 'M'] },
    ])
  })

  it('that is written off by plain SQL leaves as disposed', async () => {
    await using database = await createShelf('2026-11-27T12:00Z', [['L', 20, '2026-11-26']])
    await database.transaction(async (tx) => {
      await tx.query(`select set_config('uzima.action', 'disposed', true)`)
      await tx.query('update inventory_lots set quantity = 0')
    })
    expect((await told(database)).at(-1)).toMatchObject({ type: 'disposed', usable: 0 })
    const [movement] = await database.query(
      'select type, delta from stock_movements order by id desc limit 1',
    )
    expect(movement).toEqual({ type: 'disposed', delta: -20 })
  })
})

describe('writeDue', () => {
  it('catches up after a stop in the order of the days, without a movement', async () => {
    await using database = await createShelf('2026-11-20T12:00Z', [
      ['L3', 5, '2026-11-23'],
      ['L1', 5, '2026-11-21'],
      ['L2', 5, '2026-11-21'],
    ])
    await database.script(`
      insert into inventory_items (sku, name) values ('b', 'B');
      insert into inventory_lots values ('b', 'L', 5, '2026-11-22')`)
    const before = await headOf(database)
    const movements = await database.query('select count(*) from stock_movements')
    await setClock(database, '2026-11-27T12:00Z')
    expect(await writeDue(database)).toBe(3)
    expect((await told(database, before)).filter(({ type }) => type === 'expired')).toMatchObject([
      { dueAt: '2026-11-22T00:00:00.000Z', expired: ['L1', 'L2'] },
      { dueAt: '2026-11-23T00:00:00.000Z', expired: ['L'] },
      { dueAt: '2026-11-24T00:00:00.000Z', expired: ['L1', 'L2', 'L3'] },
    ])
    expect(await database.query('select count(*) from stock_movements')).toEqual(movements)
  })

  it('takes the lots of one midnight in batches, so that other commits need not wait', async () => {
    await using database = await createShelf('2026-11-26T12:00Z', [])
    await database.script(`
      insert into inventory_items (sku, name) select 's' || n, 'Item' from generate_series(1, 1200) as n;
      insert into inventory_lots (sku, lot_number, quantity, expiry_date)
        select sku, 'L', 10, '2026-11-26' from inventory_items where sku <> 'a'`)
    await setClock(database, '2026-11-27T12:00Z')
    expect(await writeDue(database)).toBe(1_200)
    const batches = await database.query<{ entries: number }>(`
      select count(*) as entries from event_log where payload ->> 'type' = 'expired'
      group by xmin order by min(seq)`)
    expect(batches.map(({ entries }) => entries)).toEqual([500, 500, 200])
  })

  const manyConnections = itPostgresOnly('needs several connections')

  manyConnections('writes once, however many nodes write', async () => {
    await using database = await createShelf('2026-11-26T12:00Z', [])
    await database.script(`
      insert into inventory_items (sku, name) select 's' || n, 'Item' from generate_series(1, 2000) as n;
      insert into inventory_lots (sku, lot_number, quantity, expiry_date)
        select sku, 'L', 10, date '2026-11-26' - (length(sku) % 3) from inventory_items where sku <> 'a'`)
    const before = await headOf(database)
    await setClock(database, '2026-11-29T12:00Z')
    const written = await Promise.all(Array.from({ length: 6 }, () => writeDue(database)))
    const rest = await writeDue(database)
    const entries = await told(database, before)
    const expired = entries.filter(({ type }) => type === 'expired')
    expect(written.reduce((sum, n) => sum + n, rest)).toBe(expired.length)
    const twice = await database.query(`select payload #>> '{item,sku}' from event_log
      where seq > ${before.toString()} and name = 'inventory:update' group by 1 having count(*) > 1`)
    expect(twice).toEqual([])
    const times = expired.map(({ dueAt = '' }) => dueAt)
    expect(times).toEqual([...times].sort())
  })

  manyConnections('is not kept from the others by a transaction that holds one lot', async () => {
    await using database = await createShelf('2026-11-26T12:00Z', [['L', 20, '2026-11-26']])
    await database.script(`
      insert into inventory_items (sku, name) values ('b', 'B');
      insert into inventory_lots values ('b', 'L', 5, '2026-11-26')`)
    await setClock(database, '2026-11-27T12:00Z')
    await database.transaction(async (open) => {
      await open.query(`update inventory_lots set quantity = 19 where sku = 'a'`)
      expect(await writeDue(database)).toBe(1)
    })
    expect(await writeDue(database)).toBe(1)
    expect((await told(database)).at(-2)).toMatchObject({ type: 'expired', expired: ['L'] })
  })
})

import { textSchema } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createInventory } from '../../src/inventory/inventory.js'
import { sqlState, type Database } from '../../src/storage/database.js'
import { migrate } from '../../src/storage/migrate.js'
import { setupApp } from '../support/app.js'
import { times } from '../support/long.js'
import { createDatabaseBefore } from '../support/old-database.js'
import { createTestDatabase } from '../support/world.js'

const CHECK_VIOLATION = '23514'

/** Every character that Unicode or JavaScript calls white space, every control character, and some that look like nothing. */
const ODD = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code)).filter(
  (character) =>
    /[\p{White_Space}\p{Cc}\ufeff\u200b\u2060\u180e]/u.test(character) && character !== '\0',
)

/** The lot number that SQL keeps for `text`; undefined where it refuses it. */
const keptBySql = async (database: Database, text: string): Promise<string | undefined> => {
  try {
    const [row] = await database.query<{ lot_number: string }>(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('A', $1, 1, '2040-01-01')
        on conflict (sku, lot_number) do update set quantity = inventory_lots.quantity returning lot_number`,
      [text],
    )
    return row?.lot_number
  } catch (error) {
    expect(sqlState(error)).toBe(CHECK_VIOLATION)
    return undefined
  }
}

const keptByRest = (text: string): string | undefined => textSchema(500).safeParse(text).data

const withItem = async () => {
  const database = await createTestDatabase()
  await database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)
  return database
}

describe('what REST and SQL keep of a name', () => {
  it('is the same, for each white space and control character there is', async () => {
    await using database = await withItem()
    expect(ODD.length).toBeGreaterThan(80)
    for (const odd of ODD) {
      for (const text of [`${odd}P1`, `P1${odd}`, `P${odd}1`, odd]) {
        expect(await keptBySql(database, text), JSON.stringify(text)).toBe(keptByRest(text))
      }
    }
  })

  it('is the same, for any text', async () => {
    await using database = await withItem()
    const odd = fc.constantFrom(...ODD, 'P', '1', ' ')
    const texts = fc.oneof(
      fc.array(odd, { maxLength: 6 }).map((parts) => parts.join('')),
      fc
        .string({ unit: 'binary', maxLength: 20 })
        .filter((text) => !/\0|\p{Surrogate}/u.test(text)),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await keptBySql(database, text)).toBe(keptByRest(text))
      }),
      { numRuns: times(200, 5_000) },
    )
  })
})

describe('plain SQL', () => {
  it('with white space at the ends names the same thing as without', async () => {
    await using app = await setupApp()
    const { database, api } = app
    const { token } = await app.addUser('admin')
    await database.script(`
      insert into inventory_items (sku, name, category, unit) values (' A ', E'\\tAspirin', ' pain ', ' tablet\u2003');
      insert into inventory_lots (sku, lot_number, quantity, expiry_date) values (' A', ' P1 ', 5, '2040-01-01');
      insert into inventory_lots as lot (sku, lot_number, quantity, expiry_date) values ('A ', 'P1\u00a0', 5, '2040-01-01')
        on conflict (sku, lot_number) do update set quantity = lot.quantity + excluded.quantity;
      insert into users (username, email, role) values (' asha ', ' asha@clinic.example ', 'doctor')`)
    const change = { lotNumber: ' P1 ', quantity: 7, reason: 'count' }
    expect(await api(token, 'POST', '/api/inventory/A/adjust', change)).toMatchObject({
      status: 200,
      body: {
        name: 'Aspirin',
        category: 'pain',
        unit: 'tablet',
        lots: [{ lotNumber: 'P1', quantity: 7 }],
      },
    })
    expect((await api(token, 'GET', '/api/inventory/%20A%20')).status).toBe(200)
    const [user] = await database.query(
      `select username, email from users where username like '%asha%'`,
    )
    expect(user).toEqual({ username: 'asha', email: 'asha@clinic.example' })
  })

  it('makes no version and no entry where nothing but white space would change', async () => {
    await using database = await withItem()
    const state = async (): Promise<unknown> =>
      database.query(`select version, seq from inventory_items, log_head`)
    const before = await state()
    await database.query(`update inventory_items set name = ' A ', sku = 'A ' where sku = 'A'`)
    expect(await state()).toEqual(before)
  })

  it.each([
    `insert into inventory_items (sku, name) values (E' \\u3000', 'x')`,
    `insert into inventory_items (sku, name) values ('B', E'\\ufeff')`,
    `update inventory_items set category = ' '`,
    `update inventory_items set unit = E'a\\nb'`,
    `insert into users (username, email, role) values (' ', 'a@x.example', 'doctor')`,
    `insert into users (username, email, role) values ('a', E'a\\u0085@x.example', 'doctor')`,
  ])('is refused where nothing is left, or a control character: %s', async (sql) => {
    await using database = await withItem()
    await expect(database.query(sql)).rejects.toMatchObject({ code: CHECK_VIOLATION })
  })

  it('reaches REST with a sku that REST would not make', async () => {
    await using app = await setupApp()
    const { token } = await app.addUser('admin')
    const sku = `Ä 1/2 "${'x'.repeat(200)}`
    await app.database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
    const path = `/api/inventory/${encodeURIComponent(sku)}`
    expect((await app.api(token, 'GET', path)).body).toMatchObject({ sku })
    const lot = { lotNumber: 'L', quantity: 1, expiryDate: '2040-01-01' }
    expect((await app.api(token, 'POST', `${path}/lots`, lot)).status).toBe(201)
    expect((await app.api(token, 'DELETE', path)).status).toBe(204)
  })
})

describe('a database from before', () => {
  /** A database as the release before made it, with `rows`, brought up to date. */
  const upgraded = async (rows: string) => {
    const database = await createDatabaseBefore('0014')
    await database.script(rows)
    const epoch = async (): Promise<unknown> => database.query('select epoch from log_head')
    const before = await epoch()
    await migrate(database)
    return Object.assign(database, { before, epoch })
  }

  it('keeps each lot reachable, with a number behind it where its name is taken', async () => {
    await using database = await upgraded(`
      insert into inventory_items (sku, name, category, unit) values ('A', ' Aspirin ', ' ', 'unnamed');
      insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('A', 'P1', 1, '2040-01-01'),
        ('A', ' P1', 2, '2041-01-01'), ('A', 'P1 ', 3, '2040-01-01'), ('A', E'P\\n1', 4, '2040-01-01'),
        ('A', ' ', 5, '2040-01-01')`)
    const item = await createInventory(database).get('A')
    expect(item).toMatchObject({
      name: 'Aspirin',
      category: null,
      unit: 'unnamed',
      totalQuantity: 15,
    })
    expect(
      Object.fromEntries(item.lots.map(({ lotNumber, quantity }) => [lotNumber, quantity])),
    ).toEqual({
      P1: 1,
      'P1-2': 2,
      'P1-3': 3,
      'P 1': 4,
      unnamed: 5,
    })
    const differences = await database.query('select * from check_stock()')
    expect(differences).toEqual([])
    expect(await database.epoch()).toEqual(database.before)
    // Whoever follows the log hears of it.
    expect(
      await database.query(
        `select distinct actor from stock_movements where reason like 'white space%'`,
      ),
    ).toEqual([{ actor: 'migration 0014' }])
  })

  it('takes the history of an item along to its new sku, and makes clients read anew', async () => {
    await using database = await upgraded(`
      insert into inventory_items (sku, name) values ('A', 'A'), (' A ', 'other');
      insert into inventory_lots (sku, lot_number, quantity, expiry_date) values (' A ', 'P1', 2, '2041-01-01')`)
    const inventory = createInventory(database)
    expect(await inventory.get('A')).toMatchObject({ name: 'A', totalQuantity: 0 })
    expect(await inventory.get('A-2')).toMatchObject({ name: 'other', totalQuantity: 2 })
    expect((await inventory.movements('A-2', { limit: 10 })).movements).toHaveLength(1)
    expect(await database.query('select * from check_stock()')).toEqual([])
    expect(await database.epoch()).not.toEqual(database.before)
    await database.query(`update inventory_lots set quantity = 1 where sku = 'A-2'`)
    expect(await inventory.get('A-2')).toMatchObject({ totalQuantity: 1 })
  })

  it('tells users apart who differed in white space only', async () => {
    await using database = await upgraded(`
      insert into users (username, email, role) values ('Asha', 'asha@x.example', 'doctor'),
        (' ASHA', ' Asha@x.example', 'doctor'), ('b ', 'b@x.example', 'doctor')`)
    const users = await database.query('select username, email from users order by lower(username)')
    expect(users).toEqual([
      { username: 'Asha', email: 'asha@x.example' },
      { username: 'ASHA-2', email: 'asha@x.example-2' },
      { username: 'b', email: 'b@x.example' },
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { sqlState } from '../../src/storage/database.js'
import { migrate } from '../../src/storage/migrate.js'
import { setupApp } from '../support/app.js'
import { createDatabaseBefore } from '../support/old-database.js'
import { createTestDatabase } from '../support/world.js'

const CHECK_VIOLATION = '23514'
const COLUMNS = [
  ['users', 'created_at'],
  ['users', 'updated_at'],
  ['users', 'tokens_not_before'],
  ['inventory_items', 'created_at'],
  ['inventory_items', 'updated_at'],
  ['inventory_items', 'archived_at'],
  ['inventory_lots', 'received_at'],
] as const
const UNTELLABLE = ['infinity', '-infinity', '10000-01-01 00:00:00+00', '0001-01-01 00:00:00+00 BC']
const ROWS = `
  insert into users (username, email, role) values ('asha', 'asha@x.example', 'doctor');
  insert into inventory_items (sku, name) values ('A', 'A');
  insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('A', 'P1', 1, '2040-01-01')`

describe('a time that no answer can tell', () => {
  it.each(COLUMNS)('is refused in %s.%s', async (table, column) => {
    await using database = await createTestDatabase()
    await database.script(ROWS)
    for (const time of UNTELLABLE) {
      const written = database.query(`update ${table} set ${column} = $1::timestamptz`, [time])
      // The database keeps some of them itself, so that nothing else can be written there.
      const outcome = await written.then(() => 'kept', sqlState)
      if (outcome === 'kept') {
        expect(
          await database.query(`select from ${table} where ${column} = $1::timestamptz`, [time]),
        ).toEqual([])
      } else expect(outcome).toBe(CHECK_VIOLATION)
    }
  })

  it('that was there before is brought into the calendar, and answered', async () => {
    const database = await createDatabaseBefore('0017')
    await database.script(`${ROWS};
      insert into inventory_items (sku, name, archived_at) values ('B', 'B', 'infinity');
      insert into users (username, email, role, created_at) values ('juma', 'juma@x.example', 'doctor', '-infinity')`)
    await migrate(database)
    await using app = await setupApp({ database })
    const { token } = await app.addUser('admin')
    const users = await app.api(token, 'GET', '/api/users')
    expect(users.status).toBe(200)
    expect(
      await app.database.query(`select from users where created_at = '0001-01-01 00:00Z'`),
    ).toHaveLength(1)
    expect(
      await app.database.query(`select archived_at from inventory_items where sku = 'B'`),
    ).toEqual([{ archived_at: new Date('9999-12-31T23:59:59.999Z') }])
    expect(await database.query('select * from check_stock()')).toEqual([])
  })
})

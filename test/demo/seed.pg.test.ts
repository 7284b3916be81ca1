import { buildLots, formulary, seedDemoData } from '@uzima/demo/data'
import { describe, expect, it } from 'vitest'
import type { Database, SqlValue } from '../../src/storage/database.js'
import { createTestDatabase } from '../support/world.js'

const today = '2026-03-01'
const lots = buildLots(formulary, { today })

describe('seedDemoData', () => {
  it('fills an empty database with the formulary, its lots and one user of each role', async () => {
    await using database = await createTestDatabase()
    await addUser(database, 'admin')

    const credentials = await seed(database)

    const [stock] = await database.query<{ items: number; total: number; empty: number }>(
      `select count(*) as items, sum(total_quantity)::integer as total,
              count(*) filter (where total_quantity = 0) as empty from inventory_items`,
    )
    const total = lots.reduce((sum, { quantity }) => sum + quantity, 0)
    expect(stock).toEqual({ items: formulary.length, total, empty: 0 })
    expect(credentials.map(({ role }) => role)).toEqual([
      'inventory_manager',
      'pharmacist',
      'doctor',
      'educator',
      'patient',
    ])
    const users = await database.query<{ username: string; password_hash: string }>(
      `select username, password_hash from users where role <> 'admin' order by username`,
    )
    const expected = credentials.map(({ username, password }) => ({
      username,
      password_hash: `hash of ${password}`,
    }))
    expect(users).toEqual(expected.sort((a, b) => (a.username < b.username ? -1 : 1)))
  })

  it('logs every item once, with its lots, in the name of the demo', async () => {
    await using database = await createTestDatabase()
    await seed(database)

    const entries = await database.query<{ sku: string; lots: number }>(
      `select payload -> 'item' ->> 'sku' as sku, jsonb_array_length(payload -> 'item' -> 'lots') as lots
         from event_log where name = 'inventory:update'`,
    )
    expect(entries).toHaveLength(formulary.length)
    expect(entries.reduce((sum, entry) => sum + entry.lots, 0)).toBe(lots.length)
    const actors = await database.query(`select distinct actor from stock_movements`)
    expect(actors).toEqual([{ actor: 'demo' }])
  })

  it('leaves a database with an item, or with a user who is no administrator, as it is', async () => {
    await using withItem = await createTestDatabase()
    await withItem.query(`insert into inventory_items (sku, name) values ('OWN-1', 'Our own')`)
    expect(await seed(withItem)).toEqual([])
    expect(await countItems(withItem)).toBe(1)

    await using withUser = await createTestDatabase()
    await addUser(withUser, 'doctor')
    expect(await seed(withUser)).toEqual([])
    expect(await countItems(withUser)).toBe(0)
  })

  it('seeds once when several nodes start at the same time', async () => {
    await using database = await createTestDatabase()
    const results = await Promise.all([seed(database), seed(database), seed(database)])
    expect(results.filter((credentials) => credentials.length > 0)).toHaveLength(1)
    expect(await countItems(database)).toBe(formulary.length)
  })

  it('needs a handful of statements, however long the formulary is', async () => {
    await using database = await createTestDatabase()
    let statements = 0
    await seed({
      ...database,
      transaction: (work, options) =>
        database.transaction(
          (tx) =>
            work({
              ...tx,
              query: <Row>(sql: string, params?: readonly SqlValue[]) => {
                statements += 1
                return tx.query<Row>(sql, params)
              },
            }),
          options,
        ),
    })
    expect(await countItems(database)).toBe(formulary.length)
    expect(statements).toBeLessThanOrEqual(6)
  })
})

const seed = (database: Database) => {
  let serial = 0
  return seedDemoData(database, {
    today,
    generatePassword: () => `password ${(serial += 1).toString()}`,
    hashPassword: (password) => Promise.resolve(`hash of ${password}`),
  })
}

const addUser = async (database: Database, role: string): Promise<void> => {
  await database.query(
    `insert into users (username, email, role) values ($1, $1 || '@example.org', $1)`,
    [role],
  )
}

const countItems = async (database: Database): Promise<number> => {
  const [row] = await database.query<{ count: number }>(`select count(*) from inventory_items`)
  return row?.count ?? -1
}

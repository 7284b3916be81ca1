import { describe, expect, it } from 'vitest'
import { createTestDatabase, itPostgresOnly, testStore } from './world.js'

describe('createTestDatabase', () => {
  it('gives the store that this project is named after', async () => {
    await using database = await createTestDatabase()
    expect(database.kind).toBe(testStore)
  })

  it('gives a migrated database, or an empty one on demand', async () => {
    const applied = `select to_regclass('schema_migrations') is not null as applied`
    await using migrated = await createTestDatabase()
    await using empty = await createTestDatabase({ migrated: false })
    expect(await migrated.query(applied)).toEqual([{ applied: true }])
    expect(await empty.query(applied)).toEqual([{ applied: false }])
  })

  it('gives each test a database of its own', async () => {
    await using one = await createTestDatabase()
    await using other = await createTestDatabase()
    await one.script('create table only_here (id integer)')
    expect(await other.query(`select to_regclass('only_here') as found`)).toEqual([{ found: null }])
  })

  itPostgresOnly('needs several connections')('drops the database afterwards', async () => {
    await using witness = await createTestDatabase()
    const gone = await createTestDatabase()
    const name = new URL(gone.url ?? '').pathname.slice(1)
    const find = () => witness.query('select from pg_database where datname = $1', [name])
    expect(await find()).toHaveLength(1)
    await gone[Symbol.asyncDispose]()
    expect(await find()).toHaveLength(0)
  })
})

import { describe, expect, it } from 'vitest'
import type { Database } from '../../src/storage/database.js'
import { createTestDatabase } from '../support/world.js'

const changesOf = (database: Database, record: string): Promise<Record<string, unknown>[]> =>
  database.query(
    'select type, before, after, actor, reason from record_changes where record = $1 order by id',
    [record],
  )

describe('a change of a record', () => {
  it('is kept with who made it and why, field by field', async () => {
    await using database = await createTestDatabase()
    await database.query(`insert into inventory_items (sku, name, threshold) values ('A', 'a', 5)`)
    await database.transaction(async (tx) => {
      await tx.query(
        `select set_config('uzima.actor', 'amina', true), set_config('uzima.reason', 'dry season', true)`,
      )
      await tx.query(`update inventory_items set threshold = 9 where sku = 'A'`)
    })

    expect(await changesOf(database, 'inventory_items')).toMatchObject([
      { type: 'created', after: { sku: 'A', name: 'a', threshold: 5 } },
      {
        type: 'updated',
        before: { threshold: 5 },
        after: { threshold: 9 },
        actor: 'amina',
        reason: 'dry season',
      },
    ])
  })

  it('is not made by a movement, by a rollback or by writing the same again', async () => {
    await using database = await createTestDatabase()
    await database.query(`insert into inventory_items (sku, name, threshold) values ('A', 'a', 5)`)
    await database.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('A', 'L', 9, '2031-01-01')`,
    )
    await database.query(`update inventory_items set threshold = 5`)
    await expect(
      database.transaction(async (tx) => {
        await tx.query(`update inventory_items set threshold = 6`)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')

    expect(await changesOf(database, 'inventory_items')).toHaveLength(1)
  })

  it('of a user never holds the hash of a password', async () => {
    await using database = await createTestDatabase()
    await database.query(
      `insert into users (username, email, role, password_hash) values ('a', 'a@x', 'doctor', '$argon2id$one')`,
    )
    await database.query(`update users set password_hash = '$argon2id$two', role = 'admin'`)
    await database.query('delete from users')
    const changes = await changesOf(database, 'users')

    expect(changes.map(({ type }) => type)).toEqual(['created', 'updated', 'deleted'])
    expect(changes[1]).toMatchObject({ before: { role: 'doctor' }, after: { role: 'admin' } })
    expect(JSON.stringify(changes)).not.toContain('argon2id')
  })

  it('is history: no one rewrites it', async () => {
    await using database = await createTestDatabase()
    await database.query(`insert into inventory_items (sku, name) values ('A', 'a')`)
    for (const sql of [
      'delete from record_changes',
      `update record_changes set actor = 'nobody'`,
      'truncate record_changes',
    ]) {
      await expect(database.query(sql)).rejects.toThrow(/history|TRUNCATE/)
    }
  })
})

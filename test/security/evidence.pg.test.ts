import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { setupApp } from '../support/app.js'
import { createTestDatabase } from '../support/world.js'

// ASVS 16.4.2, HIPAA 164.312(b)
describe('the connection log before a role that may only read and append', () => {
  it.each([
    ['update', `update connection_log set user_id = null`],
    ['delete', `delete from connection_log`],
    ['truncate', `truncate connection_log`],
    ['disable its triggers', `alter table connection_log disable trigger all`],
    ['drop', `drop table connection_log`],
    ['skip its triggers', `set local session_replication_role = replica`],
    ['prune', `select prune_connection_log(now(), 1000)`],
    ['move the end of a chain', `update nodes set last_seq = 0`],
  ])('refuses to %s', async (_, sql) => {
    await using database = await createTestDatabase()
    await using app = await setupApp({ database })
    await app.connect(await app.addUser('doctor'))
    await expect
      .poll(async () => (await database.query('select 1 from connection_log')).length)
      .toBe(1)
    const role = `service_${randomBytes(6).toString('hex')}`
    const before = await database.query('select * from connection_log')
    await expect(
      database.transaction(async (tx) => {
        await tx.script(`create role ${role};
          grant select, insert on connection_log to ${role};
          grant select, insert, update on nodes to ${role};
          set local role ${role}`)
        // What it may do, it can do.
        await tx.query('select count(*) from connection_log')
        await tx.query(sql)
      }),
    ).rejects.toThrow(/permission denied|must be owner|append-only|only grows/)
    expect(await database.query('select * from connection_log')).toEqual(before)
  })
})

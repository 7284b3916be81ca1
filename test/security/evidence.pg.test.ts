import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { setupApp } from '../support/app.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'

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

  itPostgresOnly('logs in as another role')(
    'serves nevertheless: the service needs no more than that',
    async () => {
      await using owner = await createTestDatabase()
      const role = `service_${randomBytes(6).toString('hex')}`
      await owner.script(`create role ${role} login;
        grant select, insert, update, delete on all tables in schema public to ${role};
        revoke update, delete on connection_log from ${role};
        revoke delete on nodes from ${role};
        grant execute on function prune_connection_log to ${role}`)
      const url = new URL(owner.url ?? '')
      url.username = role
      const database = createPostgres({ url: url.href, onError: () => undefined })
      const app = await setupApp({ database })
      try {
        const user = await app.addUser('pharmacist')
        const client = await app.connect(user)
        await database.query(`insert into inventory_items (sku, name) values ('A', 'x')`)
        await expect.poll(() => client.of('inventory:update').length).toBe(1)
        await database.query('update users set is_active = false where id = $1', [user.id])
        await expect
          .poll(() => owner.query('select outcome, code from connection_log order by id'))
          .toMatchObject([
            { outcome: 'accepted' },
            { outcome: 'closed', code: 'AUTH_USER_INACTIVE' },
          ])
        await expect(database.query('delete from connection_log')).rejects.toThrow('permission')
      } finally {
        await app.close()
        await owner.script(`drop owned by ${role}; drop role ${role}`)
      }
    },
  )
})

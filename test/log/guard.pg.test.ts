import { expect, it } from 'vitest'
import { proveByWriting } from '../../src/log/proof.js'
import { expectedTriggers, findDeadTrigger } from '../../src/storage/triggers.js'
import { createTestDatabase } from '../support/world.js'
import { countScannedEntries } from './support.js'

it('knows every trigger that the migrations leave in the database, and no other', async () => {
  await using database = await createTestDatabase()
  const found = await database.query<{ name: string; table: string }>(
    `select tgname as name, relname as "table" from pg_trigger join pg_class c on c.oid = tgrelid
     where not tgisinternal`,
  )
  const named = (list: readonly { name: string; table: string }[]): string[] =>
    list.map(({ name, table }) => `${table}.${name}`).sort()
  expect(named(await expectedTriggers())).toEqual(named(found))
})

it('proves that changes come out of the log, and leaves no trace of it', async () => {
  await using database = await createTestDatabase()
  const trace = `select (select seq from log_head) as seq, (select count(*) from event_log) as entries,
    (select count(*) from users) as users, (select count(*) from inventory_items) as items,
    (select count(*) from revocations) as revocations, (select count(*) from record_changes) as changes`
  const before = await database.query(trace)
  expect(await proveByWriting(database)).toBeUndefined()
  expect(await database.query(trace)).toEqual(before)
})

it('looks at the end of the log for its proof, however long that is', async () => {
  await using database = await createTestDatabase()
  await database.query(
    `insert into event_log (seq, name, audience, payload, at)
     select seq, 'inventory:update', 'stock', '{}', now() from generate_series(1, 5000) as seq`,
  )
  await database.query('update log_head set seq = 5000')
  const seen = countScannedEntries({
    ...database,
    // As the planner judges a log of millions: what it takes for a third of the rows it does not look for in an index.
    transaction: (work) =>
      database.transaction(async (tx) => {
        await tx.query('set local random_page_cost = 10')
        return await work(tx)
      }),
  })
  expect(await proveByWriting(seen.database)).toBeUndefined()
  expect(seen.entries()).toBe(0)
})

it('says which trigger is switched off, missing, or fires on replicas only', async () => {
  await using database = await createTestDatabase()
  const expected = await expectedTriggers()
  expect(await findDeadTrigger(database, expected)).toBeUndefined()
  for (const { name, table } of expected) {
    for (const state of ['disable', 'enable replica']) {
      await database.script(`alter table ${table} ${state} trigger ${name}`)
      const reason = await findDeadTrigger(database, expected)
      expect(reason).toContain(`The trigger ${name} is switched off`)
      // What it says to do is what mends it.
      const [, remedy = ''] = /Run: (.+)$/.exec(reason ?? '') ?? []
      await database.script(remedy)
      expect(await findDeadTrigger(database, expected)).toBeUndefined()
    }
  }
  await database.script('drop trigger users_updated on users')
  expect(await findDeadTrigger(database, expected)).toContain(
    'The trigger users_updated of users is missing',
  )
})

it('finds that what is behind the triggers is not what it was', async () => {
  await using database = await createTestDatabase()
  await database.script(
    `create or replace function users_touched() returns trigger language plpgsql as 'begin return null; end'`,
  )
  expect(await proveByWriting(database)).toContain('does not come out of the log (user:changed)')
})

it('looks for every name of every function in one schema, whoever calls it', async () => {
  await using database = await createTestDatabase()
  const unpinned = await database.query(
    `select p.oid::regprocedure::text as name from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.prosqlbody is null
       and not exists (select from unnest(p.proconfig) as c where c like 'search_path=public, pg_temp')`,
  )
  expect(unpinned).toEqual([])
})

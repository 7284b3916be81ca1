import { expect, it } from 'vitest'
import { readServiceName } from '../../src/log/service-name.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'

it('is the same at each reading, and another one in a new epoch', async () => {
  await using database = await createTestDatabase()
  const name = await readServiceName(database)
  expect(name).toMatch(/^[0-9a-f]{32}$/)
  expect(await readServiceName(database)).toBe(name)
  await database.query('select start_new_epoch()')
  expect(await readServiceName(database)).not.toBe(name)
})

itPostgresOnly('the embedded store has no second database')(
  'differs between databases with the same log, and is the same on each connection to one',
  async () => {
    // Both are copies of one template, epoch and all.
    await using original = await createTestDatabase()
    await using copy = await createTestDatabase()
    const epochOf = async ({ query }: typeof original) =>
      (await query<{ epoch: string }>('select epoch from log_head'))[0]?.epoch
    expect(await epochOf(copy)).toBe(await epochOf(original))
    expect(await readServiceName(copy)).not.toBe(await readServiceName(original))

    const other = createPostgres({ url: original.url ?? '', onError: () => undefined })
    expect(await readServiceName(other)).toBe(await readServiceName(original))
    await other.close()
  },
)

itPostgresOnly('rights are those of a server')(
  'is read by a role without any right, and by one that may not ask for the cluster',
  async () => {
    await using database = await createTestDatabase()
    const asReader = () =>
      database.transaction(async (tx) => {
        await tx.query('set local role pg_read_all_data')
        return readServiceName(tx)
      })
    expect(await asReader()).toBe(await readServiceName(database))
    await database.query('revoke execute on function pg_control_system() from public')
    expect(await asReader()).toMatch(/^[0-9a-f]{32}$/)
  },
)

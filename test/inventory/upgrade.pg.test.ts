import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { createInventory } from '../../src/inventory/inventory.js'
import { createLogger } from '../../src/observability/logger.js'
import { prepareStock } from '../../src/composition/stock.js'
import { migrate } from '../../src/storage/migrate.js'
import { createTestDatabase } from '../support/world.js'

it('a clinic from before expiries hears at the first start what has expired, and of what is low', async () => {
  await using database = await createTestDatabase({ migrated: false })
  const folder = await mkdtemp(join(tmpdir(), 'uzima-migrations-'))
  try {
    for (const name of await readdir('migrations')) {
      if (name < '0009') await copyFile(join('migrations', name), join(folder, name))
    }
    await migrate(database, pathToFileURL(`${folder}/`))
  } finally {
    await rm(folder, { recursive: true })
  }
  await database.script(`
    insert into inventory_items (sku, name, threshold) values ('a', 'A', 10), ('b', 'B', 10);
    insert into inventory_lots values ('a', 'old', 100, '2020-01-31'), ('a', 'good', 5, '2099-01-31'),
      ('b', 'good', 50, '2099-01-31')`)

  await migrate(database)
  const [head] = await database.query<{ seq: number }>('select seq from log_head')
  const start = (): Promise<void> =>
    prepareStock(database, {
      timeZone: 'UTC',
      alertExpiringWithinDays: 90,
      alertEscalateAfterMs: 1_800_000,
      logger: createLogger({ level: 'silent', name: 'test' }),
    })
  await start()
  await start()
  const entries = await database.query(
    `select name, payload ->> 'type' as type, payload ->> 'dueAt' as "dueAt" from event_log
      where seq > $1 order by seq`,
    [head?.seq ?? -1],
  )
  expect(entries).toEqual([
    { name: 'inventory:update', type: 'expired', dueAt: '2020-02-01T00:00:00.000Z' },
    { name: 'inventory:lowStock', type: null, dueAt: null },
    { name: 'alert:raised', type: null, dueAt: null },
    { name: 'alert:raised', type: null, dueAt: null },
  ])
  expect(await createInventory(database).get('a')).toMatchObject({
    totalQuantity: 105,
    usableQuantity: 5,
    lowStock: true,
  })
})

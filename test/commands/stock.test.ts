import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPglite } from '../../src/storage/pglite.js'
import { createCli, type Cli } from './cli.js'

let cli: Cli
beforeAll(async () => {
  cli = await createCli()
})
afterAll(() => cli.close())

it('tells what differs from the lots, and mends it', { timeout: 120_000 }, async () => {
  expect(await cli.run(['migrate'])).toMatchObject({ code: 0 })
  const database = await createPglite({
    dataDir: join(cli.dataDir, 'pglite'),
    onHung: (error) => {
      throw error
    },
  })
  await database.script(`
    insert into inventory_items (sku, name) values ('a', 'A');
    insert into inventory_lots values ('a', 'L', 7, '2040-01-01');
    set session_replication_role = replica;
    delete from inventory_lots;
    insert into inventory_lots values ('nobody', 'L', 3, '2040-01-01');
    reset session_replication_role`)
  await expect(cli.run(['stock', 'mend'])).resolves.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^error: The data folder .* is in use by process \d+\. Stop .* for itself\./,
    ),
  })
  await database.close()

  const told = /^a: total_quantity is 7, should be 0$/m
  const check = await cli.run(['stock', 'check'])
  expect(check.stdout).toMatch(told)
  expect(check).toMatchObject({
    code: 1,
    stderr: 'error: 8 differences; uzima stock mend mends them.\n',
  })
  const mend = await cli.run(['stock', 'mend'])
  expect(mend.stdout).toMatch(told)
  expect(mend.stdout).toMatch(/^nobody: item is not there, should be there$/m)
  expect(mend.stdout).toMatch(/^Mended 8 differences\.$/m)
  expect(await cli.run(['stock', 'check'])).toMatchObject({
    code: 0,
    stdout: 'Totals, alerts and expiries are what the lots say.\n',
  })
})

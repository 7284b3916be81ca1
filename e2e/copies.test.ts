import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCli, type Cli } from '../test/commands/cli.js'
import { makeDataFolder } from '../test/support/data-folder.js'
import { freePort } from '../test/support/server-process.js'
import { startServer } from '../test/support/server.js'
import { createTestDatabase } from '../test/support/world.js'
import { follow } from './rig/stock-follower.js'
import { startStockScreen } from './rig/stock-screen.js'
import { createTill } from './rig/till.js'

let cli: Cli
beforeAll(async () => {
  cli = await createCli()
})
afterAll(() => cli.close())

it(
  'a clinic is copied while it works, restored after its disk is lost, and moved to PostgreSQL, and its clients follow',
  { timeout: 600_000 },
  async () => {
    const env = {
      JWT_SECRET: randomBytes(48).toString('base64url'),
      PORT: (await freePort()).toString(),
    }
    const copy = join(cli.dataDir, 'copies', 'monday')
    const restored = { DATA_DIR: join(cli.dataDir, 'restored') }
    await using lost = await makeDataFolder()
    await using first = await startServer({ env, dataDir: lost.path })
    const token = await first.login()
    for (const sku of ['A', 'B']) {
      await first.api(token, 'POST', '/api/inventory', { sku, name: sku, threshold: 5 })
    }
    const till = createTill(first.url, token)
    await using screen = await startStockScreen(first.url, () => token)
    const follower = follow(first.url, token)
    try {
      await expect.poll(() => follower.connects()).toBe(1)
      const stop = new AbortController()
      const writers = ['A', 'B'].map((sku) => till.keepReceiving(sku, 1, stop.signal))
      await expect.poll(() => till.written()).toBeGreaterThan(20)

      const before = till.written()
      const copied = await cli.run(['backup', copy], { DATA_DIR: lost.path })
      expect(copied).toMatchObject({ code: 0, stderr: '' })
      expect(copied.stdout).toMatch(/^Copied to .*: \d+ rows, the log to number \d+, \d+ MiB\.$/m)
      const after = till.written()
      await expect.poll(() => till.written()).toBeGreaterThan(after + 10)
      stop.abort()
      await Promise.all(writers)
      await expect.poll(() => follower.seqs.length).toBeGreaterThanOrEqual(till.written())
      expect((await cli.run(['backup', copy], { DATA_DIR: lost.path })).stderr).toMatch(/is there/)
      await first.kill9()

      expect(await cli.run(['restore', copy], restored)).toMatchObject({ code: 0, stderr: '' })
      expect((await cli.run(['restore', copy], restored)).stderr).toMatch(/has a database already/)
      const second = await startServer({ env, dataDir: restored.DATA_DIR })
      try {
        expect(await screen.units()).toBeGreaterThanOrEqual(before)
        // Two writers may each have been waiting for the answer to one more.
        expect(await screen.units()).toBeLessThanOrEqual(after + 2)
        await expect.poll(() => follower.resets).toEqual(['epoch_changed'])
        await screen.expectTruth()
        await till.receive('A')
        await screen.expectTruth()
        const nowhere = { ...restored, DATABASE_URL: 'postgres://127.0.0.1:1/x' }
        expect((await cli.run(['move'], nowhere)).stderr).toMatch(/in use by process/)
      } finally {
        await second.stop()
      }

      await using database = await createTestDatabase({ migrated: false })
      const target = { ...restored, DATABASE_URL: database.url ?? '' }
      expect(await cli.run(['move'], target)).toMatchObject({ code: 0, stderr: '' })
      expect((await cli.run(['move'], target)).stderr).toMatch(/has data already/)
      const chain = await cli.run(['audit', 'verify'], target)
      expect(chain).toMatchObject({ code: 0, stderr: '' })
      expect(chain.stdout).not.toMatch(/^0 rows/)
      const newest = `select seq, (select max(id) from stock_movements) as movement from log_head`
      const [head] = await database.query<{ seq: number; movement: number }>(newest)
      const known = follower.seqs.length
      await using third = await startServer({ env: { ...env, DATABASE_URL: target.DATABASE_URL } })
      expect(third.url).toBe(first.url)
      await expect.poll(() => follower.connects()).toBe(3)
      await till.receive('B')
      await expect.poll(() => follower.seqs.length).toBe(known + 1)
      expect(follower.seqs.at(-1)).toBeGreaterThan(head?.seq ?? Infinity)
      expect(follower.resets).toEqual(['epoch_changed'])
      await screen.expectTruth()
      const [next] = await database.query<{ movement: number }>(newest)
      expect(next?.movement).toBeGreaterThan(head?.movement ?? Infinity)
    } finally {
      follower.socket.disconnect()
    }
  },
)

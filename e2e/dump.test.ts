import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { findDump } from '../test/support/dump.js'
import { freePort } from '../test/support/server-process.js'
import { startServer } from '../test/support/server.js'
import { createTestDatabase } from '../test/support/world.js'
import { addUser } from './rig/users.js'
import { follow } from './rig/stock-follower.js'
import { startStockScreen } from './rig/stock-screen.js'
import { createTill } from './rig/till.js'
import { signToken } from './rig/tokens.js'

it('clients that have seen more than a dump of PostgreSQL end with what was restored from it', async ({
  skip,
}) => {
  await using database = await createTestDatabase()
  const [server] = await database.query<{ major: number }>(
    `select current_setting('server_version_num')::int / 10000 as major`,
  )
  const tools = await findDump(server?.major ?? 0)
  if (typeof tools === 'string') {
    skip(tools)
    return
  }
  const secret = randomBytes(48).toString('base64url')
  const env = { JWT_SECRET: secret, PORT: (await freePort()).toString() }
  const token = signToken(secret, await addUser(database, 'inventory_manager'))
  await database.query(`insert into inventory_items (sku, name) values ('A', 'A')`)
  await using first = await startServer({ env: { ...env, DATABASE_URL: database.url ?? '' } })
  const till = createTill(first.url, token)
  await using screen = await startStockScreen(first.url, () => token)
  const follower = follow(first.url, token)
  try {
    await expect.poll(() => follower.connects()).toBe(1)
    await till.receive('A')
    const stop = new AbortController()
    const writing = till.keepReceiving('A', 5, stop.signal)
    const before = till.written()
    await using dumped = await tools.dump(database.url ?? '')
    const after = till.written()
    await expect.poll(() => till.written()).toBeGreaterThan(after + 5)
    stop.abort()
    await writing
    await expect.poll(() => follower.seqs.length).toBeGreaterThanOrEqual(till.written())
    await first.stop()

    await using restored = await createTestDatabase({ migrated: false })
    await dumped.restore(restored.url ?? '')
    await restored.query('select start_new_epoch()')
    // Other events get the numbers that clients have seen.
    await restored.query(`insert into inventory_items (sku, name) values ('B', 'B')`)
    await using second = await startServer({ env: { ...env, DATABASE_URL: restored.url ?? '' } })
    expect(second.url).toBe(first.url)
    await expect.poll(() => follower.resets).toEqual(['epoch_changed'])
    await screen.expectTruth()
    const units = await screen.units()
    expect(units).toBeGreaterThanOrEqual(before)
    expect(units).toBeLessThanOrEqual(after + 1)
    await till.receive('B')
    await screen.expectTruth()
    expect(await screen.units()).toBe(units + 1)
  } finally {
    follower.socket.disconnect()
  }
})

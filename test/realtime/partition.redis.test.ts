import { expect, it } from 'vitest'
import { createPostgres } from '../../src/storage/postgres.js'
import { setupApp } from '../support/app.js'
import { expectWithin } from '../support/long.js'
import { createTestDatabase } from '../support/world.js'
import { createDeadLinks } from './dead-links.js'

it('fences a node that is cut off from PostgreSQL, and has it back by itself within 2 s of the heal', async () => {
  await using direct = await createTestDatabase()
  const target = new URL(direct.url ?? '')
  await using links = await createDeadLinks(Number(target.port))
  target.port = links.port.toString()
  const app = await setupApp({
    database: createPostgres({ url: target.href, onError: () => undefined }),
    env: { AUTH_STALE_AFTER_MS: '2000', AUTH_CLOSE_AFTER_MS: '5000' },
  })
  try {
    const user = await app.addUser('pharmacist')
    const known = await app.connect(user)
    let failures = 0
    known.socket.io.on('reconnect_attempt', () => (failures += 1))
    expect((await app.api(undefined, 'GET', '/health/ready')).status).toBe(200)

    // Bytes go in and nothing comes back, on what is open and on what is opened.
    links.cutOff()
    await expect
      .poll(async () => (await app.api(undefined, 'GET', '/health/ready')).status)
      .toBe(503)
    // He is in the cache, and is not admitted on it.
    const late = app.client(user.token, { reconnection: false })
    await expect.poll(() => late.socket.io.engine.readyState).toBe('closed')
    expect(late.of('connected')).toEqual([])
    expect(known.socket.connected).toBe(true)

    await expect
      .poll(() => known.of('session:closing'))
      .toMatchObject([{ code: 'AUTH_STALE', retryable: true }])
    // Nor is he let in again while the cut lasts: the stock client has tried in vain.
    await expect.poll(() => failures).toBeGreaterThan(1)
    expect(known.of('connected').length).toBe(1)

    // What was open stays dead for ever, as after a real cut; only new connections pass.
    links.heal()
    const healedAt = performance.now()
    await expect
      .poll(async () => (await app.api(undefined, 'GET', '/health/ready')).status)
      .toBe(200)
    expectWithin(2_000, performance.now() - healedAt, 'The way back after the heal')
    // The stock client comes back without any code of its own.
    await expect.poll(() => known.of('connected').length).toBe(2)
  } finally {
    links.heal()
    await app.close()
  }
})

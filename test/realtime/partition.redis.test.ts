import { expect, it } from 'vitest'
import { createPostgres } from '../../src/storage/postgres.js'
import { setupApp } from '../support/app.js'
import { createTestDatabase } from '../support/world.js'
import { createDeadLinks } from './dead-links.js'

it('fences a node that is cut off from PostgreSQL, and has it back by itself within 2 s of the heal', async () => {
  await using direct = await createTestDatabase()
  const target = new URL(direct.url ?? '')
  await using links = await createDeadLinks(Number(target.port))
  target.port = links.port.toString()
  const app = await setupApp({
    database: createPostgres({ url: target.href, onError: () => undefined }),
    env: { AUTH_STALE_AFTER_MS: '2000', AUTH_CLOSE_AFTER_MS: '6000' },
  })
  const figures: Record<string, number> = {}
  try {
    const user = await app.addUser('pharmacist')
    const known = await app.connect(user)
    expect((await app.api(undefined, 'GET', '/health/ready')).status).toBe(200)

    // Bytes go in and nothing comes back, on what is open and on what is opened.
    links.cutOff()
    const cutAt = performance.now()
    const since = (from: number) => Math.round(performance.now() - from)
    await expect
      .poll(async () => (await app.api(undefined, 'GET', '/health/ready')).status)
      .toBe(503)
    figures['not ready after'] = since(cutAt)
    // He is in the cache, and is not admitted on it.
    const late = app.client(user.token, { reconnection: false })
    await expect.poll(() => late.socket.io.engine.readyState, { timeout: 10_000 }).toBe('closed')
    expect(late.of('connected')).toEqual([])
    expect(known.socket.connected).toBe(true)

    await expect
      .poll(() => known.of('session:closing'), { timeout: 15_000 })
      .toMatchObject([{ code: 'AUTH_STALE', retryable: true }])
    figures['closed after'] = since(cutAt)
    await expect.poll(() => since(cutAt), { timeout: 15_000 }).toBeGreaterThan(9_000)

    // What was open stays dead for ever, as after a real cut; only new connections pass.
    links.heal()
    const healedAt = performance.now()
    await expect
      .poll(async () => (await app.api(undefined, 'GET', '/health/ready')).status)
      .toBe(200)
    figures['ready after the heal'] = since(healedAt)
    expect(figures['ready after the heal']).toBeLessThan(2_000)
    // The stock client comes back without any code of its own.
    await expect.poll(() => known.of('connected').length, { timeout: 15_000 }).toBe(2)
    figures['client back after the heal'] = since(healedAt)
    console.log('cut off from PostgreSQL, ms:', figures)
  } finally {
    links.heal()
    await app.close()
  }
}, 60_000)

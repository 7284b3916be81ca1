import { randomBytes, randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createApp, type AppOptions } from '../../src/app.js'
import { loadConfig } from '../../src/config/load.js'
import { createTestDatabase, testRedisUrl } from '../support/world.js'

/** Starts on a database of its own, with every part there is. */
const start = async (onPart: AppOptions['onPart']) => {
  const database = await createTestDatabase()
  let isClosed = false
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    LOG_LEVEL: 'silent',
    DEMO_DATA: 'false',
    ADMIN_PASSWORD: 'a password for tests',
    DATA_DIR: join(tmpdir(), `uzima-test-${randomUUID()}`),
    JWT_SECRET: randomBytes(48).toString('base64url'),
    REDIS_URL: testRedisUrl(),
  })
  const app = createApp(config, {
    database: {
      ...database,
      close: () => {
        isClosed = true
        return database.close()
      },
    },
    onFatal: (error) => {
      throw error
    },
    ...(onPart === undefined ? {} : { onPart }),
  })
  return { app, isClosed: () => isClosed, dispose: database[Symbol.asyncDispose] }
}

/** How often the process has each kind of what keeps it alive open: sockets, servers, timers. */
const openNow = (): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** The kinds of which more are open than `before`; what an earlier test left may have closed meanwhile. */
const moreThan = (before: ReadonlyMap<string, number>): string[] =>
  [...openNow()].flatMap(([kind, count]) => (count > (before.get(kind) ?? 0) ? [kind] : []))

describe('the start', () => {
  it('releases everything that it had started, whichever part it fails at', async () => {
    const parts: string[] = []
    // Twice: what the process opens for good (name look-ups, for example) is open after the first.
    for (let round = 0; round < 2; round += 1) {
      parts.length = 0
      const whole = await start((name) => parts.push(name))
      await (await whole.app).close()
      await whole.dispose()
    }
    expect(parts.length).toBeGreaterThan(10)
    const before = openNow()

    for (const failing of parts) {
      const half = await start((name) => {
        if (name === failing) throw new Error(`no ${name}`)
      })
      await expect(half.app).rejects.toThrow(`no ${failing}`)
      expect(half.isClosed(), `the database after a failure at ${failing}`).toBe(true)
      await half.dispose()
      const message = `what is open after a failure at ${failing}`
      // Whoever waits has a timer of his own: timers are looked at when nobody waits any more.
      await expect
        .poll(() => moreThan(before).filter((kind) => kind !== 'Timeout'), { message })
        .toEqual([])
      expect(moreThan(before), message).toEqual([])
    }
    // The functions of the façade are free for the next.
    const next = await start(undefined)
    await (await next.app).close()
    await next.dispose()
  })
})

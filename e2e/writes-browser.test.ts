import { randomBytes } from 'node:crypto'
import type { Movement } from '@uzima/client'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { createTestDatabase, type TestDatabase } from '../test/support/world.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import {
  addIn,
  buildPageScript,
  hasStarted,
  listOf,
  shownOf,
  openClient,
  servePage,
} from './writes/browser-page.js'

const secret = randomBytes(48).toString('base64url')
let browser: Browser
let database: TestDatabase
let server: RunningServer
let script: string

beforeAll(async () => {
  browser = await launchBrowser()
  script = await buildPageScript()
  database = await createTestDatabase()
  server = await startServer({ env: { DATABASE_URL: database.url ?? '', JWT_SECRET: secret } })
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  await database[Symbol.asyncDispose]()
})

interface Tablet extends AsyncDisposable {
  readonly context: BrowserContext
  readonly person: { readonly userId: string; readonly token: string }
  readonly sku: string
  readonly movements: () => Promise<readonly { readonly key: string; readonly delta: number }[]>
}

let tablets = 0

/** A browser's storage of its own, a pharmacist, and an item with 20 units in lot L1. */
const setupTablet = async (): Promise<Tablet> => {
  tablets += 1
  const sku = `TABLET-${String(tablets)}`
  await database.query('insert into inventory_items (sku, name) values ($1, $1)', [sku])
  await database.query(`insert into inventory_lots values ($1, 'L1', 20, '2040-01-01')`, [sku])
  const userId = await addUser(database, 'pharmacist')
  const context = await browser.newContext()
  await servePage(context, script)
  return {
    context,
    person: { userId, token: signToken(secret, userId) },
    sku,
    movements: () =>
      database.query(
        `select request_key as key, delta from stock_movements
          where sku = $1 and user_id = $2 order by id`,
        [sku, userId],
      ),
    [Symbol.asyncDispose]: () => context.close(),
  }
}

const threeOn = (sku: string): readonly Movement[] => [
  { kind: 'consume', sku, quantity: 3 },
  { kind: 'receive', sku, lotNumber: 'L2', quantity: 5, expiryDate: '2041-01-01' },
  { kind: 'count', sku, lotNumber: 'L1', quantity: 16, expected: 17, reason: 'count' },
]

describe('movements made in a browser', () => {
  it('without a connection survive a reload and a killed tab, and are booked once each, in order', async () => {
    await using tablet = await setupTablet()
    const { context, person, sku } = tablet
    const page = await openClient(context, server.url, person)
    await expect.poll(() => shownOf(page, sku)).toMatchObject({ usable: 20 })
    await context.setOffline(true)
    const ids: (string | undefined)[] = []
    for (const movement of threeOn(sku)) ids.push((await addIn(page, movement))?.id)
    expect((await listOf(page)).map(({ state }) => state)).toEqual(['queued', 'queued', 'queued'])

    await page.reload()
    await hasStarted(page)
    expect((await listOf(page)).map(({ id }) => id)).toEqual(ids)
    const crashed = page.waitForEvent('crash')
    page.goto('chrome://crash').catch(() => undefined)
    await crashed
    await page.close()

    const tabs = [
      await openClient(context, server.url, person),
      await openClient(context, server.url, person),
    ]
    for (const tab of tabs) {
      expect((await listOf(tab)).map(({ id }) => id)).toEqual(ids)
      expect(await shownOf(tab, sku)).toMatchObject({ effect: { pending: 3 } })
    }
    expect(await tablet.movements()).toEqual([])
    await context.setOffline(false)
    for (const tab of tabs) {
      await expect.poll(() => listOf(tab)).toEqual([])
      expect(await shownOf(tab, sku)).toEqual({ usable: 21, effect: { delta: 0, pending: 0 } })
    }
    expect(await tablet.movements()).toEqual([
      { key: ids[0], delta: -3 },
      { key: ids[1], delta: 5 },
      { key: ids[2], delta: -1 },
    ])
  })

  it('are booked once where the tab dies after the server has accepted, and another one goes on at once', async () => {
    await using tablet = await setupTablet()
    const { context, person, sku } = tablet
    const first = await openClient(context, server.url, person)
    await first.route('**/consume', async (route) => {
      await route.fetch()
      first.goto('chrome://crash').catch(() => undefined)
    })
    const crashed = first.waitForEvent('crash')
    const kept = await addIn(first, { kind: 'consume', sku, quantity: 3 })
    await crashed
    const second = await openClient(context, server.url, person)
    await expect.poll(() => listOf(second)).toEqual([])
    expect(await tablet.movements()).toEqual([{ key: kept?.id, delta: -3 }])
  })

  it('wait for their author, and show others nothing but their number', async () => {
    await using tablet = await setupTablet()
    const { context, person, sku } = tablet
    const other = await addUser(database, 'pharmacist')
    const page = await openClient(context, server.url, person)
    await context.setOffline(true)
    for (const movement of threeOn(sku)) await addIn(page, movement)
    await page.close()
    await context.setOffline(false)
    const others = await openClient(context, server.url, {
      userId: other,
      token: signToken(secret, other),
    })
    await addIn(others, { kind: 'consume', sku, quantity: 1 })
    await expect.poll(() => listOf(others)).toEqual([])
    expect(await others.evaluate(() => window.uzimaClient?.writes.othersWaiting())).toBe(3)
    expect(await tablet.movements()).toEqual([])
    await others.close()
    const again = await openClient(context, server.url, person)
    await expect
      .poll(() => listOf(again))
      .toMatchObject([{ state: 'refused', refusal: { params: { expected: 17, actual: 16 } } }])
    expect(await tablet.movements()).toHaveLength(2)
  })

  it('stay in the form where the device has no room, and leave no token on it', async () => {
    await using tablet = await setupTablet()
    const { context, person, sku } = tablet
    const page = await openClient(context, server.url, person)
    const protocol = await context.newCDPSession(page)
    await protocol.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 1_000 })
    const large: Movement = { kind: 'consume', sku, quantity: 1, reason: 'x'.repeat(100_000) }
    const outcome = await page.evaluate(
      (movement) =>
        window.uzimaClient?.writes.add(movement).then(
          () => 'kept',
          (error: unknown) => (error as { readonly code: string }).code,
        ),
      large,
    )
    expect(outcome).toBe('STORE_UNAVAILABLE')
    expect(await listOf(page)).toEqual([])
    await protocol.send('Storage.overrideQuotaForOrigin', { origin: server.url })
    await addIn(page, { kind: 'consume', sku, quantity: 1 })
    await expect.poll(() => tablet.movements()).toHaveLength(1)
    expect(await page.evaluate(dumpWrites)).not.toContain('eyJ')
  })

  it('let a newer page of the same origin upgrade the store', async () => {
    await using tablet = await setupTablet()
    const { context, person } = tablet
    const page = await openClient(context, server.url, person)
    const version = await page.evaluate(
      () =>
        new Promise<number | string>((resolve) => {
          const request = indexedDB.open('uzima', 1_000)
          request.onblocked = () => {
            resolve('blocked')
          }
          request.onsuccess = () => {
            resolve(request.result.version)
          }
        }),
    )
    expect(version).toBe(1_000)
  })
})

/** Runs in the page. */
const dumpWrites = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const opened = indexedDB.open('uzima')
    opened.onsuccess = () => {
      const all = opened.result.transaction('writes').objectStore('writes').getAll()
      all.onsuccess = () => {
        resolve(JSON.stringify(all.result))
      }
    }
    opened.onerror = () => {
      reject(new Error('The store does not open'))
    }
  })

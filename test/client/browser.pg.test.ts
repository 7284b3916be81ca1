import { fileURLToPath } from 'node:url'
import type { Item, Position } from '@uzima/contracts'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { build, defaultClientConditions } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/browser.js'
import type { TestUser } from '../support/app.js'
import { changeAll, changeItem, setupClinic, stockOf, type Clinic } from './clinic.js'
import type { PageWindow } from './page.js'

let browser: Browser
let script: string

beforeAll(async () => {
  const [built] = [
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['source', ...defaultClientConditions] },
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        write: false,
        minify: false,
        lib: {
          entry: fileURLToPath(new URL('page.ts', import.meta.url)),
          formats: ['iife'],
          name: 'page',
        },
      },
    }),
  ].flat()
  if (built === undefined || !('output' in built)) throw new Error('Nothing was built.')
  script = built.output[0].code
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
})

/** A page of the clinic's origin with the client in it; nothing has begun. */
const openPage = async (clinic: Clinic, context: BrowserContext): Promise<Page> => {
  const page = await context.newPage()
  await load(clinic, page)
  return page
}

const load = async (clinic: Clinic, page: Page): Promise<void> => {
  const address = `http://127.0.0.1:${clinic.network.port.toString()}/page`
  await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<body>' }))
  await page.goto(address)
  await page.addScriptTag({ content: script })
}

// Functions given to a page run there, where `window` is the page's.
declare const window: PageWindow

const open = (page: Page, user: TestUser, userId?: string): Promise<void> =>
  page.evaluate(([token, id]) => window.open(token, id), [user.token, userId] as const)

const itemsOf = (page: Page): Promise<readonly Item[]> =>
  page.evaluate(() => window.client.inventory.list({ sort: 'sku' }))

const infoOf = (page: Page) => page.evaluate(() => window.client.connection.get())

const positionOf = (page: Page): Promise<Position | null> =>
  page.evaluate(() => window.client.inventory.position())

const expectAgreement = async (clinic: Clinic, page: Page): Promise<void> => {
  const stock = await stockOf(clinic.app)
  const bySku = (a: Item, b: Item) => (a.sku < b.sku ? -1 : 1)
  await expect.poll(async () => [...(await itemsOf(page))].sort(bySku)).toEqual(stock)
}

/** Resolves once something is kept of this person. */
const expectKept = (page: Page, { id }: TestUser) =>
  expect.poll(() => page.evaluate((userId) => window.keptSeq(userId), id)).toBeDefined()

/** The stock as of an entry, from the log itself. */
const stockAt = async (clinic: Clinic, seq: number): Promise<Item[]> => {
  const rows = await clinic.app.database.query<{ item: Item }>(
    `select item from (
       select distinct on (payload->'item'->>'sku') payload->'item' as item, payload->>'type' as type
       from event_log where name = 'inventory:update' and seq <= $1
       order by payload->'item'->>'sku', seq desc) as last
     where type <> 'archived'`,
    [seq],
  )
  return rows.map(({ item }) => item)
}

const skuAndVersion = (items: readonly Item[]): string[] =>
  items.map(({ sku, version }) => `${sku} ${version.toString()}`).sort()

const setupContext = async () => {
  const context = await browser.newContext({ bypassCSP: true })
  return Object.assign(context, { [Symbol.asyncDispose]: () => context.close() })
}

describe('in a browser, the stock', () => {
  it('is there after a reload without a network, and right when the network is back', async () => {
    await using clinic = await setupClinic()
    await using context = await setupContext()
    const user = await clinic.app.addUser('pharmacist')
    const page = await openPage(clinic, context)
    await open(page, user)
    await expectAgreement(clinic, page)
    const shown = await itemsOf(page)
    await expectKept(page, user)

    await context.setOffline(true)
    await changeAll(clinic.app)
    await load(clinic, page)
    await open(page, user, user.id)
    expect(await itemsOf(page)).toEqual(shown)
    const info = await infoOf(page)
    expect(info).toMatchObject({ phase: 'connecting', synced: false, user: { userId: user.id } })
    expect(info.asOf).not.toBeNull()

    await context.setOffline(false)
    await expectAgreement(clinic, page)
    expect(await page.evaluate(() => window.errors)).toEqual([])
  })

  it('is kept as that of its position, while two tabs keep it and one of them dies', async () => {
    await using clinic = await setupClinic()
    await using context = await setupContext()
    const user = await clinic.app.addUser('pharmacist')
    const [first, second] = [await openPage(clinic, context), await openPage(clinic, context)]
    await open(first, user)
    await open(second, user, user.id)
    await changeAll(clinic.app)
    await expectAgreement(clinic, first)
    await expectAgreement(clinic, second)
    await expectKept(first, user)
    await first.close()
    await clinic.app.database.query(
      `update inventory_items set archived_at = now() where sku = 'S4'`,
    )
    await changeItem(clinic.app, 'S5')
    await expectAgreement(clinic, second)
    await context.setOffline(true)
    await load(clinic, second)
    await open(second, user, user.id)
    const position = await positionOf(second)
    expect(skuAndVersion(await itemsOf(second))).toEqual(
      skuAndVersion(await stockAt(clinic, position?.seq ?? NaN)),
    )
    await context.setOffline(false)
    await expectAgreement(clinic, second)
  })

  it('is live where the browser keeps nothing', async () => {
    await using clinic = await setupClinic()
    await using context = await setupContext()
    await context.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('Not in a private window', 'SecurityError')
      }
    })
    const user = await clinic.app.addUser('pharmacist')
    const page = await openPage(clinic, context)
    await open(page, user, user.id)
    await expectAgreement(clinic, page)
    expect(await page.evaluate(() => window.errors)).toContain('STORE_UNAVAILABLE')
  })
})

describe('a part of a page', () => {
  it('is drawn again when what it shows has changed, and not for anything else', async () => {
    await using clinic = await setupClinic()
    await using context = await setupContext()
    const user = await clinic.app.addUser('pharmacist')
    await clinic.app.database.query(`update inventory_items set threshold = 0 where sku <> 'S2'`)
    await clinic.app.database.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
       select sku, 'L', 1, '2039-12-31' from inventory_items where sku <> 'S2'`,
    )
    const page = await openPage(clinic, context)
    await open(page, user)
    await page.evaluate(() => {
      window.draw()
    })
    await page.locator('#bar', { hasText: `connected ${user.username}` }).waitFor()
    await page.locator('#low', { hasText: /^S2$/ }).waitFor()
    await page.locator('#NONE', { hasText: /^none$/ }).waitFor()
    await page.locator('#rest', { hasText: '0 0 number' }).waitFor()
    const before = await page.evaluate(() => ({ ...window.drawn }))

    await changeItem(clinic.app, 'S1')
    await page.locator('#S1', { hasText: /^2$/ }).waitFor()
    await changeItem(clinic.app, 'S3')
    await expectAgreement(clinic, page)
    const after = await page.evaluate(() => ({ ...window.drawn }))
    expect(after['S1']).toBeGreaterThan(before['S1'] ?? Infinity)
    expect(after).toMatchObject({ S2: before['S2'], NONE: before['NONE'], low: before['low'] })

    await clinic.app.database.query(`update inventory_items set threshold = 9 where sku = 'S1'`)
    await page.locator('#low', { hasText: /^S1 S2$/ }).waitFor()
    await page.evaluate(() => {
      window.undraw()
    })
    await changeItem(clinic.app, 'S1')
    await expectAgreement(clinic, page)
    expect(await page.locator('#S1').count()).toBe(0)
  })
})

import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Database } from '../src/storage/database.js'
import type { RunningServer } from '../test/support/server.js'

export interface OpenOptions extends BrowserContextOptions {
  /**
   * Whether the page may install its service worker, which fetches all files of the page once more for each window. Default
   * true. False is what a browser says on an insecure address, and a quarter cheaper.
   */
  readonly withWorker?: boolean
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page
  /** What the browser complained of, the policy's violations among it, and where it went beside the server. */
  readonly complaints: string[]
}

/** Opens the page of `server` in a window of its own; closes it in the end. */
export const openPage = async (
  browser: Browser,
  server: Pick<RunningServer, 'url'>,
  { withWorker = true, ...options }: OpenOptions = {},
): Promise<OpenPage> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  if (!withWorker) {
    await context.addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, 'serviceWorker')
    })
  }
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) complaints.push(`left the server: ${request.url()}`)
  })
  await page.goto(server.url)
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}

/** Signs in with the form, and waits until the first view is there. */
export const signIn = async (page: Page, username: string, password: string): Promise<void> => {
  await page.locator('#login-username').fill(username)
  await page.locator('#login-password').fill(password)
  await page.locator('#login-submit').click()
  await page.locator('.shell main h1').waitFor()
}

/** Goes to an address of the page (`/stock?show=low`) without loading it anew. */
export const goTo = async (page: Page, address: string): Promise<void> => {
  await page.evaluate((hash) => {
    location.hash = hash
  }, address)
}

/** Waits until the page says that what it shows is live. */
export const untilLive = (page: Page): Promise<void> =>
  page.locator('[data-connection=live]').waitFor()

/** Waits until the menu says that the page opens without a network. */
export const untilOpensOffline = async (page: Page): Promise<void> => {
  await page.locator('.menu-button').click()
  await page.locator('[data-readiness=ready]').waitFor()
  await page.keyboard.press('Escape')
}

/** Goes to every view of the bar and to the item `sku`, and sees that each is there. */
export const openEveryView = async (page: Page, sku: string): Promise<void> => {
  for (const link of await page.locator('.nav a').all()) {
    await link.click()
    const name = await link.locator('svg + span').innerText()
    await expect.poll(() => page.locator('.shell main h1').innerText()).toBe(name)
  }
  await goTo(page, `/stock/${sku}`)
  await page.locator('.stock-item h2[tabindex="-1"]').waitFor()
}

/** Lists what axe objects to by `rules` (default all), and a page that is wider than its window. */
export const objections = async (page: Page, rules?: string[]): Promise<string[]> => {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (runOnly) => {
    // `axe` is what the script above has put on the window.
    const { axe: injected } = window as unknown as { axe: typeof axe }
    const { violations } = await injected.run(runOnly === undefined ? {} : { runOnly })
    const { scrollWidth, clientWidth } = document.documentElement
    return [
      ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
      ...(scrollWidth > clientWidth ? [`wider than the window: ${scrollWidth.toString()}`] : []),
    ]
  }, rules)
}

/** Lists what axe objects to in either scheme at each width; a scheme changes colours, and nothing else. */
export const objectionsAt = async (
  page: Page,
  widths: readonly number[],
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: Record<string, readonly string[]> = {}
  for (const width of widths) {
    await page.setViewportSize({ width, height: 844 })
    for (const [colorScheme, rules] of [
      ['light', undefined],
      ['dark', ['color-contrast']],
    ] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const all = await objections(page, rules === undefined ? undefined : [...rules])
      if (all.length > 0) found[`${colorScheme}, ${width.toString()} px`] = all
    }
  }
  return found
}

/** Puts an item into the stock, all of it in lot L1; low at 5. */
export const addItem = (
  database: Database,
  sku: string,
  name: string,
  quantity: number,
): Promise<void> =>
  database.transaction(async (tx) => {
    await tx.query(
      `insert into inventory_items (sku, name, unit, threshold) values ($1, $2, 'capsule', 5)`,
      [sku, name],
    )
    await tx.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ($1, 'L1', $2, '2035-01-31')`,
      [sku, quantity],
    )
  })

/** Puts `count` items into the stock, each with one lot: `ITEM-00001` and so on. */
export const addItems = async (database: Database, count: number): Promise<void> => {
  await database.query(
    `insert into inventory_items (sku, name, unit, category, threshold)
     select 'ITEM-' || lpad(n::text, 5, '0'), 'Medicine ' || n || ' of ' || (n % 7 + 1) * 50 || ' mg',
       'tablet', 'category ' || n % 12, 20
     from generate_series(1, $1::int) n`,
    [count],
  )
  await database.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
     select sku, 'L-' || sku, 500, '2035-01-31' from inventory_items where sku like 'ITEM-%'`,
  )
}

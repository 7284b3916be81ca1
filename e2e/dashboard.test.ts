import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { createTestDatabase, type TestDatabase } from '../test/support/world.js'
import { goTo, openEveryView, openPage, signIn, untilLive, type OpenPage } from './page.js'

// The next process must know the token that the page holds.
const JWT_SECRET = randomBytes(48).toString('base64url')
const PASSWORD = randomBytes(12).toString('base64url')

let browser: Browser
let database: TestDatabase
let server: RunningServer

beforeAll(async () => {
  browser = await launchBrowser()
  database = await createTestDatabase()
  server = await startServer({ env: { DATABASE_URL: database.url ?? '', JWT_SECRET } })
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  await database[Symbol.asyncDispose]()
})

const addItem = async (sku: string, name: string, quantity: number): Promise<void> => {
  await database.transaction(async (tx) => {
    await tx.query(
      `insert into inventory_items (sku, name, unit, threshold) values ($1, $2, 'capsule', 5)`,
      [sku, name],
    )
    await tx.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
       values ($1, 'L1', $2, '2031-01-31')`,
      [sku, quantity],
    )
  })
}
const setQuantity = async (sku: string, quantity: number): Promise<void> => {
  await database.query('update inventory_lots set quantity = $2 where sku = $1', [sku, quantity])
}

/** A page that somebody with an account of this test's own looks at. */
const openAs = async (
  role: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage & { readonly userId: string }> => {
  const username = `user-${randomBytes(4).toString('hex')}`
  const body = { username, email: `${username}@clinic.example`, role, password: PASSWORD }
  const made = await server.api(await server.login(), 'POST', '/api/users', body)
  const opened = await openPage(browser, server, options)
  await signIn(opened.page, username, PASSWORD)
  return { ...opened, userId: (made as { id: string }).id }
}

/** Addresses of what the page has loaded. */
const scriptsOf = (page: Page): Promise<string> =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => name)
      .join(' '),
  )

const rowText = (page: Page, sku: string): Promise<string> =>
  page.locator(`[data-sku=${sku}]`).innerText()

describe('the page', () => {
  it('shows a change by plain SQL to everybody, where it happens, without a reload', async () => {
    await addItem('AMOX', 'Amoxicillin 500 mg', 20)
    await using near = await openAs('pharmacist')
    await using far = await openAs('doctor')
    for (const { page } of [near, far]) {
      await untilLive(page)
      await expect.poll(() => rowText(page, 'AMOX')).toContain('20')
    }
    await setQuantity('AMOX', 4)

    // What it was before stands beside what it is, for two seconds.
    await near.page.locator('[data-sku=AMOX].is-changed', { hasText: '20' }).waitFor()
    for (const { page } of [near, far]) {
      await expect.poll(() => rowText(page, 'AMOX')).toMatch(/\b4\b[^]*Low/)
    }
    await near.page.locator('[data-sku=AMOX]:not(.is-changed)').waitFor()
    expect(near.complaints).toEqual([])
    expect(far.complaints).toEqual([])
  })

  it('loads less than 150 kB of script until the stock is there', async () => {
    await using opened = await openPage(browser, server)
    const { page } = opened
    await signIn(page, 'admin', server.adminPassword)
    // By the page's own clock: what comes later is loaded ahead.
    const live = await page.waitForFunction(
      () => document.querySelector('[data-connection=live]') !== null && performance.now(),
    )
    const scripts = await page.evaluate(
      (until) =>
        performance
          .getEntriesByType('resource')
          .filter(({ name, startTime }) => name.endsWith('.js') && startTime <= until)
          .map(({ name }) => name),
      Number(await live.jsonValue()),
    )
    const sizes = await Promise.all(
      [...new Set(scripts)].map(async (url) => {
        const response = await fetch(url)
        return gzipSync(Buffer.from(await response.arrayBuffer())).length
      }),
    )
    expect(sizes.length).toBeGreaterThan(1)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(150_000)
  })

  it('follows a new role, and shows nothing more of the stock to who may not see it', async () => {
    await addItem('IBU', 'Ibuprofen 400 mg', 20)
    await using opened = await openAs('pharmacist')
    const { page, userId } = opened
    await expect.poll(() => rowText(page, 'IBU')).toContain('20')
    await database.query(`update users set role = 'patient' where id = $1`, [userId])

    await expect.poll(() => page.locator('.view').innerText()).toContain('Signed in')
    expect(await page.locator('.view').innerText()).not.toContain('Ibuprofen')
    expect(await page.locator('[data-connection]').count()).toBe(0)
    await database.query(`update users set role = 'doctor' where id = $1`, [userId])
    await expect.poll(() => rowText(page, 'IBU')).toContain('20')
  })

  it('ends with the account, and says why', async () => {
    await using opened = await openAs('pharmacist')
    const { page, userId } = opened
    await untilLive(page)
    await database.query('update users set is_active = false where id = $1', [userId])

    await page.locator('#login-form').waitFor()
    await expect
      .poll(() => page.locator('#login-message').innerText())
      .toBe('This account is deactivated. Ask your administrator.')
    expect(await page.locator('#root').innerText()).toBe('')
  })

  it('opens a link to a filtered list, and the item in it', async () => {
    await addItem('ZINC', 'Zinc 20 mg', 3)
    await addItem('ZOLE', 'Omeprazole 20 mg', 300)
    await using opened = await openAs('doctor')
    const { page } = opened
    await goTo(page, '/stock/ZINC?show=low&q=20%20mg')
    await expect
      .poll(() => page.locator('.stock-item h2[tabindex="-1"]').innerText())
      .toBe('Zinc 20 mg')
    await expect.poll(() => page.locator('[data-sku=ZOLE]').count()).toBe(0)
    await page.locator('[data-sku=ZINC]').waitFor()
    await page.getByRole('link', { name: 'All', exact: false }).first().click()
    await page.locator('[data-sku=ZOLE]').waitFor()
    expect(page.url()).toContain('/stock/ZINC?q=20')

    // On a phone the item takes the list's place, and who hears the page begins at its name.
    await page.setViewportSize({ width: 390, height: 844 })
    await page.reload()
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Zinc 20 mg')
    expect(await page.locator('[data-sku=ZINC]').isVisible()).toBe(false)
  })

  it('says that it is not live while the server is away, has every view, and catches up by itself', async () => {
    await addItem('PARA', 'Paracetamol 500 mg', 4)
    // As at an address with http, where browsers let nothing be kept.
    await using opened = await openAs('pharmacist', { serviceWorkers: 'block' })
    const { page } = opened
    await expect.poll(() => rowText(page, 'PARA')).toMatch(/\b4\b/)
    for (const view of ['item', 'runs-out', 'movements', 'count', 'alerts']) {
      await expect.poll(() => scriptsOf(page), { timeout: 30_000 }).toContain(`/${view}-view-`)
    }
    const wallLine = page.locator('.wall-line', { hasText: 'Paracetamol' })
    await goTo(page, '/wall')
    await wallLine.waitFor()
    await goTo(page, '/stock')
    await page.context().setOffline(true)
    await server.kill9()
    await setQuantity('PARA', 2)
    await page.locator('[data-connection=stale]', { hasText: 'No connection since' }).waitFor()
    await openEveryView(page, 'PARA')
    // From afar nobody reads as of when it is: after a minute without word a wall shows nothing.
    await goTo(page, '/wall')
    await page.evaluate(() => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + 61_000
    })
    await page.getByRole('heading', { name: 'No connection since' }).waitFor()
    expect(await wallLine.count()).toBe(0)

    const { port } = new URL(server.url)
    server = await startServer({
      env: { DATABASE_URL: database.url ?? '', JWT_SECRET, PORT: port },
    })
    await page.context().setOffline(false)
    await expect.poll(() => wallLine.innerText(), { timeout: 30_000 }).toMatch(/\b2\b/)
    await goTo(page, '/stock')
    await untilLive(page)
  })
})

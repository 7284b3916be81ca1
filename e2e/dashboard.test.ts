import { randomBytes } from 'node:crypto'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { createTestDatabase, type TestDatabase } from '../test/support/world.js'

interface OpenPage extends AsyncDisposable {
  readonly page: Page
  readonly server: RunningServer
  readonly database: TestDatabase
  /** What the browser complained of, and where it went beside the server. */
  readonly complaints: string[]
}

// The next process must know the token that the page holds.
const JWT_SECRET = randomBytes(48).toString('base64url')

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
})

/** A server on PostgreSQL with one item, and a page of it, signed in. */
const openPage = async (viewport = { width: 1280, height: 800 }): Promise<OpenPage> => {
  const database = await createTestDatabase()
  await database.transaction(async (tx) => {
    await tx.query(
      `insert into inventory_items (sku, name, unit, threshold) values ('AMOX', 'Amoxicillin 500 mg', 'capsule', 5)`,
    )
    await tx.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ('AMOX', 'L1', 20, '2031-01-31')`,
    )
  })
  const server = await startServer({
    env: { DATABASE_URL: database.url ?? '', JWT_SECRET },
  })
  const context = await browser.newContext({ viewport })
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
  await page.getByLabel('User name').fill('admin')
  await page.getByRole('textbox', { name: 'Password' }).fill(server.adminPassword)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Amoxicillin 500 mg').waitFor()
  return {
    page,
    server,
    database,
    complaints,
    [Symbol.asyncDispose]: async () => {
      await context.close()
      await server.stop()
      await database[Symbol.asyncDispose]()
    },
  }
}

const rowText = (page: Page): Promise<string> => page.locator('[data-sku=AMOX]').innerText()

describe('the page', () => {
  it('shows a change by plain SQL, and the alert at the threshold, without a reload', async () => {
    await using opened = await openPage()
    const { page, database } = opened
    await expect.poll(() => rowText(page)).toContain('20')
    await expect.poll(() => page.getByText('Live').isVisible()).toBe(true)
    await database.query(`update inventory_lots set quantity = 4 where sku = 'AMOX'`)

    await expect.poll(() => rowText(page)).toMatch(/\b4\b/)
    await expect
      .poll(() => page.getByRole('region', { name: 'Low-stock alerts' }).innerText())
      .toContain('Amoxicillin')
    expect(opened.complaints).toEqual([])
  })

  it('records a consumption and a receipt, and says clearly what was refused', async () => {
    await using opened = await openPage()
    const { page, database } = opened
    const total = async (): Promise<number | undefined> =>
      (
        await database.query<{ total_quantity: number }>(
          `select total_quantity from inventory_items where sku = 'AMOX'`,
        )
      )[0]?.total_quantity
    await page.getByRole('button', { name: 'Amoxicillin 500 mg' }).click()
    await page.getByRole('textbox', { name: /^Quantity/ }).fill('7')
    await page.getByRole('button', { name: 'Record consumption' }).click()
    await expect.poll(total).toBe(13)
    await expect.poll(() => rowText(page)).toContain('13')

    await page.getByRole('textbox', { name: /^Quantity/ }).fill('999')
    await page.getByRole('button', { name: 'Record consumption' }).click()
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('13')
    expect(await total()).toBe(13)

    await page.getByRole('tab', { name: 'Receive' }).click()
    await page.getByLabel('Lot number').fill('L2')
    await page.getByRole('textbox', { name: /^Quantity/ }).fill('30')
    await page.getByLabel('Expiry date').fill('2032-06-30')
    await page.getByRole('button', { name: 'Record receipt' }).click()
    await expect.poll(total).toBe(43)
    await expect.poll(() => rowText(page)).toContain('43')
  })

  it('says that it is not live while the server is away, and catches up by itself', async () => {
    await using opened = await openPage()
    const { page, server, database } = opened
    await page.context().setOffline(true)
    await server.kill9()
    await database.query(`update inventory_lots set quantity = 11 where sku = 'AMOX'`)
    await expect.poll(() => page.getByText(/Reconnecting since/).isVisible()).toBe(true)

    await using next = await startServer({
      env: { DATABASE_URL: database.url ?? '', JWT_SECRET, PORT: new URL(server.url).port },
    })
    expect(next.url).toBe(server.url)
    await page.context().setOffline(false)
    await expect.poll(() => rowText(page), { timeout: 20_000 }).toContain('11')
    await expect.poll(() => page.getByText('Live').isVisible()).toBe(true)
  })

  it.each([
    { width: 1280, height: 800 },
    { width: 360, height: 640 },
  ])('has nothing that axe objects to, at $width px', async (viewport) => {
    await using opened = await openPage(viewport)
    const { page } = opened
    await page.evaluate(axe.source)
    const violations = await page.evaluate(async () => {
      // `axe` is what the script above has put on the window.
      const { axe: injected } = window as unknown as { axe: typeof axe }
      return (await injected.run()).violations.map(
        ({ id, nodes }) => `${id}: ${nodes.length.toString()}`,
      )
    })

    expect(violations).toEqual([])
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
  })
})

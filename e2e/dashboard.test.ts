import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPageWorld, type PageWorld } from './page-world.js'
import {
  addItem,
  goTo,
  openEveryView,
  signIn,
  untilLive,
  type OpenOptions,
  type OpenPage,
} from './page.js'

let world: PageWorld

beforeAll(async () => {
  world = await createPageWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const setQuantity = async (sku: string, quantity: number): Promise<void> => {
  await world.database.query('update inventory_lots set quantity = $2 where sku = $1', [
    sku,
    quantity,
  ])
}

/** A page that somebody with an account of this test's own looks at. */
const openAs = async (
  role: string,
  options?: OpenOptions,
): Promise<OpenPage & { readonly userId: string }> => {
  const person = await world.addPerson(role)
  return { ...(await world.openAs(person, options)), userId: person.id }
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
    await addItem(world.database, 'AMOX', 'Amoxicillin 500 mg', 20)
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
    await using opened = await world.open()
    const { page } = opened
    await signIn(page, 'admin', world.server.adminPassword)
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
    await addItem(world.database, 'IBU', 'Ibuprofen 400 mg', 20)
    await using opened = await openAs('pharmacist')
    const { page, userId } = opened
    await expect.poll(() => rowText(page, 'IBU')).toContain('20')
    await world.database.query(`update users set role = 'patient' where id = $1`, [userId])

    await expect.poll(() => page.locator('.view').innerText()).toContain('Signed in')
    expect(await page.locator('.view').innerText()).not.toContain('Ibuprofen')
    expect(await page.locator('[data-connection]').count()).toBe(0)
    await world.database.query(`update users set role = 'doctor' where id = $1`, [userId])
    await expect.poll(() => rowText(page, 'IBU')).toContain('20')
  })

  it('ends with the account, and says why', async () => {
    await using opened = await openAs('pharmacist')
    const { page, userId } = opened
    await untilLive(page)
    await world.database.query('update users set is_active = false where id = $1', [userId])

    await page.locator('#login-form').waitFor()
    await expect
      .poll(() => page.locator('#login-message').innerText())
      .toBe('This account is deactivated. Ask your administrator.')
    expect(await page.locator('#root').innerText()).toBe('')
  })

  it('opens a link to a filtered list, and the item in it', async () => {
    await addItem(world.database, 'ZINC', 'Zinc 20 mg', 3)
    await addItem(world.database, 'ZOLE', 'Omeprazole 20 mg', 300)
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
    await addItem(world.database, 'PARA', 'Paracetamol 500 mg', 4)
    // As at an address with http, where browsers let nothing be kept.
    await using opened = await openAs('pharmacist', { withWorker: false })
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
    await world.server.kill9()
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

    await world.addServer({ PORT: new URL(world.server.url).port })
    await page.context().setOffline(false)
    await expect.poll(() => wallLine.innerText(), { timeout: 30_000 }).toMatch(/\b2\b/)
    await goTo(page, '/stock')
    await untilLive(page)
  })
})

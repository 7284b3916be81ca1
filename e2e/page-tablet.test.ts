import { randomBytes } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { createTestDatabase, type TestDatabase } from '../test/support/world.js'
import { goTo, objections, openPage, signIn, untilLive } from './page.js'

let browser: Browser
let database: TestDatabase
let server: RunningServer
/** Who hears of an alert at once, and when those do who are to act if nobody has: of all nodes alike. */
const ALERTS = {
  LOW_STOCK_ROLES: 'pharmacist,doctor',
  ALERT_ESCALATE_TO: 'inventory_manager',
  ALERT_ESCALATE_AFTER: '2s',
}

beforeAll(async () => {
  browser = await launchBrowser()
  database = await createTestDatabase()
  server = await startServer({ env: { ...ALERTS, DATABASE_URL: database.url ?? '' } })
  await addItem('AMOX', 'Amoxicillin 500 mg', 120)
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  await database[Symbol.asyncDispose]()
})

const addItem = async (sku: string, name: string, quantity: number): Promise<void> => {
  await database.query(
    `insert into inventory_items (sku, name, unit, threshold) values ($1, $2, 'capsule', 5)`,
    [sku, name],
  )
  await database.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ($1, 'L1', $2, '2035-01-31')`,
    [sku, quantity],
  )
}

interface Person {
  readonly username: string
  readonly password: string
}
const addPerson = async (role: string): Promise<Person> => {
  const username = `${role}-${randomBytes(4).toString('hex')}`
  const password = randomBytes(12).toString('base64url')
  const body = { username, email: `${username}@clinic.example`, role, password }
  await server.api(await server.login(), 'POST', '/api/users', body)
  return { username, password }
}

const lock = async (page: Page, username: string): Promise<void> => {
  await page.getByRole('button', { name: username }).click()
  await page.getByRole('button', { name: 'Lock', exact: true }).click()
  await page.getByRole('heading', { name: 'Locked' }).waitFor()
}
const unlock = async (page: Page, password: string): Promise<void> => {
  await page.locator('.lock').getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Unlock' }).click()
}

describe('a shared tablet', () => {
  it('locks by itself, takes what was shown out of the document, and gives back what was typed', async () => {
    const person = await addPerson('pharmacist')
    await using opened = await openPage(browser, server)
    const { page } = opened
    await signIn(page, person.username, person.password)
    await untilLive(page)
    await goTo(page, '/stock/AMOX?do=consume')
    await page.getByRole('dialog').getByLabel('Quantity').fill('7')
    // What a person sets in the menu, only shorter.
    await page.evaluate(() => {
      localStorage.setItem('uzima.lockAfterMinutes', '0.02')
    })
    await page.getByRole('heading', { name: 'Locked' }).waitFor()
    expect(await page.evaluate(() => document.body.innerHTML)).not.toContain('Amoxicillin')
    await page.reload()
    await page.getByRole('heading', { name: 'Locked' }).waitFor()
    expect(await page.evaluate(() => document.body.innerHTML)).not.toContain('Amoxicillin')

    await page.evaluate(() => {
      localStorage.setItem('uzima.lockAfterMinutes', '15')
    })
    await unlock(page, 'not the password')
    await page.getByText('This is not the password.').waitFor()
    await unlock(page, person.password)
    await expect.poll(() => page.getByRole('dialog').getByLabel('Quantity').inputValue()).toBe('7')
  })

  it('opens again without a network for who locked it, at what was open', async () => {
    const person = await addPerson('pharmacist')
    await using opened = await openPage(browser, server)
    const { page } = opened
    await signIn(page, person.username, person.password)
    await untilLive(page)
    await goTo(page, '/stock?q=amox')
    await page.locator('[data-sku=AMOX]').waitFor()
    await lock(page, person.username)
    await page.context().setOffline(true)
    await unlock(page, 'not the password')
    await page.getByText('There is no connection').waitFor()
    await unlock(page, person.password)
    await page.locator('[data-sku=AMOX]').waitFor()
    // Who may do something else signs in from the lock.
    await page.keyboard.press('Escape')
    await lock(page, person.username)
    await page.getByRole('button', { name: 'Somebody else' }).click()
    await page.locator('#login-form').waitFor()
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(
      person.username,
    )
  })

  it('tells the end of a session that cannot be renewed, and goes on with the password', async () => {
    await using short = await startServer({
      env: { ...ALERTS, DATABASE_URL: database.url ?? '', ACCESS_TOKEN_TTL: '110s' },
    })
    const person = await addPerson('pharmacist')
    await using opened = await openPage(browser, short)
    const { page } = opened
    await page.route('**/api/auth/refresh', (route) => route.abort())
    await signIn(page, person.username, person.password)
    await untilLive(page)
    await goTo(page, '/stock/AMOX?do=consume')
    await page.getByRole('dialog').getByLabel('Quantity').fill('7')
    await page.keyboard.press('Escape')
    const notice = page.locator('[data-notice=warn]', { hasText: 'Your session ends in' })
    await notice.getByRole('button').click()
    const dialog = page.getByRole('dialog', { name: 'Stay signed in' })
    await dialog.getByLabel('Password').fill(person.password)
    await page.keyboard.press('Enter')
    await notice.waitFor({ state: 'detached' })
    await goTo(page, '/stock/AMOX?do=receive')
    await page.getByRole('dialog').waitFor()
  })

  it.each(['light', 'dark'] as const)(
    'has nothing that axe objects to, %s',
    async (colorScheme) => {
      for (const viewport of [
        { width: 390, height: 844 },
        { width: 1440, height: 900 },
      ]) {
        await using opened = await openPage(browser, server, { colorScheme, viewport })
        const { page } = opened
        await signIn(page, 'admin', server.adminPassword)
        await goTo(page, '/alerts')
        await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor()
        expect(await objections(page)).toEqual([])
        await lock(page, 'admin')
        expect(await objections(page)).toEqual([])
      }
    },
  )
})

describe('alerts', () => {
  it('go on to the next role where nobody acts, and stand on every tablet until somebody does', async () => {
    await addItem('ORS', 'Oral rehydration salts', 40)
    const [first, next] = [await addPerson('pharmacist'), await addPerson('inventory_manager')]
    await using near = await openPage(browser, server)
    await using far = await openPage(browser, server, { viewport: { width: 390, height: 844 } })
    await signIn(near.page, first.username, first.password)
    await signIn(far.page, next.username, next.password)
    for (const { page } of [near, far]) await untilLive(page)
    await goTo(far.page, '/alerts')
    await far.page.getByText('No alerts').waitFor()
    await database.query(`update inventory_lots set quantity = 0 where sku = 'ORS'`)

    const rowOn = (page: Page) =>
      page.locator('[data-alert=out_of_stock]', { hasText: 'Oral rehydration salts' })
    await rowOn(far.page).waitFor()
    // It was not his before, so he never sees it without.
    expect(await rowOn(far.page).innerText()).toContain('Escalated')
    for (const { page } of [near, far]) {
      await expect.poll(() => page.title()).toMatch(/^\(\d+\) /)
      await expect
        .poll(() => page.locator('[data-live=urgent]').innerText())
        .toContain('Oral rehydration salts')
    }
    await goTo(near.page, '/alerts')
    await expect.poll(() => rowOn(near.page).innerText()).toContain('Escalated')
    await expect.poll(() => rowOn(near.page).innerText()).toContain(`Seen by ${next.username}`)

    await rowOn(far.page).getByRole('button', { name: 'With a note' }).click()
    await far.page.getByRole('dialog').getByLabel('Note').fill('Ordered, arrives on Monday')
    await far.page.keyboard.press('Enter')
    for (const row of [rowOn(near.page), rowOn(far.page)]) {
      await expect.poll(() => row.innerText()).toContain('Ordered, arrives on Monday')
      await expect.poll(() => row.innerText()).toContain(next.username)
      await expect.poll(() => row.getByRole('button').count()).toBe(0)
    }

    await database.query(`update inventory_lots set quantity = 40 where sku = 'ORS'`)
    for (const { page } of [near, far]) await rowOn(page).waitFor({ state: 'detached' })
    for (const { complaints } of [near, far]) expect(complaints).toEqual([])
  })

  it('are to be read, not acknowledged, by who moves no stock; a patient has none, and no bar', async () => {
    await addItem('ZINC', 'Zinc 20 mg', 2)
    const [doctor, patient] = [await addPerson('doctor'), await addPerson('patient')]
    await using reading = await openPage(browser, server)
    await signIn(reading.page, doctor.username, doctor.password)
    await goTo(reading.page, '/alerts')
    await reading.page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor()
    expect(await reading.page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
    await using nothing = await openPage(browser, server)
    await signIn(nothing.page, patient.username, patient.password)
    await nothing.page.getByRole('heading', { name: 'Signed in' }).waitFor()
    expect(await nothing.page.locator('[data-connection], .nav a').count()).toBe(0)
  })
})

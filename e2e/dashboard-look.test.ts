import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPageWorld, type PageWorld } from './page-world.js'
import { goTo, objections, signIn } from './page.js'

let world: PageWorld

beforeAll(async () => {
  world = await createPageWorld()
  await addStock()
})
afterAll(() => world[Symbol.asyncDispose]())

/** One item in each state that the list has a mark for. */
const addStock = async (): Promise<void> => {
  await world.database.query(
    `insert into inventory_items (sku, name, unit, category, threshold) values
       ('AMOX-500', 'Amoxicillin 500 mg', 'capsule', 'antibiotics', 5),
       ('AMOX-250', 'Amoxicillin 250 mg', 'capsule', 'antibiotics', 5),
       ('INS', 'Insulin human 100 IU/mL', 'vial', 'hormones', 50),
       ('ORS', 'Oral rehydration salts', 'sachet', 'fluids', 5),
       ('ZINC', 'Zinc 20 mg', 'tablet', 'minerals', 5)`,
  )
  await world.database.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values
       ('AMOX-500', 'L1', 1200, '2035-01-31'), ('AMOX-250', 'L2', 80, current_date + 20),
       ('INS', 'L3', 12, '2035-01-31'), ('ORS', 'L4', 0, '2035-01-31'),
       ('ZINC', 'L5', 40, '2035-01-31'), ('ZINC', 'L6', 7, current_date - 20)`,
  )
}

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.textContent ?? '')

const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key)
}

describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
  it('axe objects to nothing, on a phone, a tablet and a desk', async () => {
    await using opened = await world.open({ colorScheme })
    const { page } = opened
    for (const width of [390, 768, 1440]) {
      await page.setViewportSize({ width, height: 844 })
      expect(await objections(page), `log-in at ${width.toString()}`).toEqual([])
    }
    await signIn(page, 'admin', world.server.adminPassword)
    await page.locator('[data-sku=ZINC]').waitFor()
    for (const width of [390, 768, 1440]) {
      await page.setViewportSize({ width, height: 844 })
      expect(await objections(page), `stock at ${width.toString()}`).toEqual([])
    }
    await page.getByRole('button', { name: /^Menu/ }).click()
    expect(await objections(page), 'menu').toEqual([])
    expect(opened.complaints).toEqual([])
  })
})

describe('with the keyboard alone', () => {
  it('one signs in, finds an item, looks at it, comes back and signs out', async () => {
    await using opened = await world.open()
    const { page } = opened
    // The cursor is in the first field already.
    await page.keyboard.type('admin')
    await press(page, 'Tab')
    await page.keyboard.type(world.server.adminPassword)
    await press(page, 'Enter')
    await expect.poll(() => focused(page)).toBe('Stock')

    await press(page, '/')
    await page.keyboard.type('amoxicilin 25')
    await expect.poll(() => page.locator('[data-sku]').count()).toBe(1)
    await press(page, 'ArrowDown')
    await expect.poll(() => focused(page)).toBe('Amoxicillin 250 mg')
    await press(page, 'Enter')
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H2')
    expect(await focused(page)).toBe('Amoxicillin 250 mg')

    await press(page, 'Shift+Tab', 'Enter')
    await expect.poll(() => page.locator('.stock-item').count()).toBe(0)
    await press(page, 'Control+f', 'Escape')
    await expect.poll(() => page.locator('[data-sku]').count()).toBe(5)
    await press(page, 'ArrowDown', 'End')
    await expect.poll(() => focused(page)).toBe('Zinc 20 mg')
    await press(page, 'Home')
    await expect.poll(() => focused(page)).toBe('Amoxicillin 250 mg')

    await page.getByRole('button', { name: /^Menu/ }).focus()
    await press(page, 'Enter')
    await expect.poll(() => page.locator('dialog').count()).toBe(1)
    await press(page, 'Escape')
    await expect.poll(() => focused(page)).toContain('admin')
    await press(page, 'Enter', 'Shift+Tab', 'Shift+Tab')
    await expect.poll(() => focused(page)).toBe('Sign out')
    await press(page, 'Enter')
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('login-username')
  })

  it('a scanner that types a code and presses Enter opens the item', async () => {
    await using opened = await world.openAs()
    const { page } = opened
    await page.locator('[data-sku=INS]').waitFor()
    await press(page, '/')
    await page.keyboard.type('L3\n')
    await expect
      .poll(() => page.locator('.stock-item h2[tabindex="-1"]').innerText())
      .toContain('Insulin')
  })
})

it('speaks each language from the log-in on, and another one without a reload', async () => {
  await using opened = await world.open({ locale: 'sw-KE' })
  const { page } = opened
  const title = page.locator('.view h1')
  await expect.poll(() => page.locator('#login h1').innerText()).toBe('Ingia')
  await page.locator('#login-language').selectOption('fr')
  await expect.poll(() => page.locator('#login h1').innerText()).toBe('Se connecter')
  await page.locator('#login-username').fill('admin')
  await page.locator('#login-password').fill('not the password')
  await page.locator('#login-submit').click()
  await expect
    .poll(() => page.locator('#login-message').innerText())
    .toBe('Le nom d’utilisateur ou le mot de passe est incorrect.')

  await signIn(page, 'admin', world.server.adminPassword)
  const amox = page.locator('[data-sku=AMOX-500]')
  await expect.poll(() => amox.innerText()).toContain('1\u202f200')
  await page.locator('.view [data-sku=ORS]', { hasText: 'Rupture' }).waitFor()
  for (const [language, name, out] of [
    ['Kiswahili', 'Bohari', 'Imeisha'],
    ['English', 'Stock', 'Out of stock'],
  ] as const) {
    await page.locator('.menu-button').click()
    await page.locator('dialog select:has(option[value=sw])').selectOption({ label: language })
    await page.keyboard.press('Escape')
    await expect.poll(() => title.innerText()).toBe(name)
    await expect.poll(() => page.locator('[data-sku=ORS]').innerText()).toContain(out)
  }
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
  await goTo(page, '/nowhere')
  await expect.poll(() => title.innerText()).toBe('Nothing here')
  await page.reload()
  await expect.poll(() => title.innerText()).toBe('Nothing here')
})

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPageWorld, type PageWorld } from './page-world.js'
import { goTo, objections, objectionsAt, signIn, untilLive, type OpenPage } from './page.js'
import { addShelf, lotsOf } from './shelf.js'

let world: PageWorld

beforeAll(async () => {
  world = await createPageWorld({ withWorker: false })
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

describe('axe objects to nothing, in either scheme, on a phone and on a desk,', () => {
  it('in what one signs in with, the stock and the menu', async () => {
    await using opened = await world.open()
    const { page } = opened
    const widths = [390, 768, 1440]
    expect(await objectionsAt(page, widths)).toEqual({})
    await signIn(page, 'admin', world.server.adminPassword)
    await page.locator('[data-sku=ZINC]').waitFor()
    expect(await objectionsAt(page, widths)).toEqual({})
    await page.getByRole('button', { name: /^Menu/ }).click()
    expect(await objectionsAt(page, [1440])).toEqual({})
    await press(page, 'Escape')
    await goTo(page, '/stock/INS')
    await page.locator('.stock-item h2[tabindex="-1"]').waitFor()
    // At once, as where a tablet turns dark at sunset.
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'no-preference' })
      expect(await objections(page, ['color-contrast']), `an item, ${colorScheme}`).toEqual([])
    }
    expect(opened.complaints).toEqual([])
  })

  it('in an item, its forms, a count and what runs out', async () => {
    await using opened = await world.openAs()
    const { page } = opened
    const expectNone = async (view: string): Promise<void> => {
      expect(await objectionsAt(page, [390, 1440]), view).toEqual({})
    }
    await goTo(page, '/stock/ZINC')
    await page.locator('.chart').waitFor()
    await expectNone('item')
    await page.getByRole('button', { name: 'As a table' }).click()
    await expectNone('table')
    await goTo(page, '/stock/ZINC?do=dispose')
    await page.locator('dialog [data-field=quantity]').focus()
    await page.keyboard.press('Control+Enter')
    await page.getByText('Please fill this in.').first().waitFor()
    await expectNone('form')
    for (const view of ['/count', '/count/lots?shelf=minerals', '/runs-out', '/movements']) {
      await goTo(page, view)
      await page.locator('dialog').waitFor({ state: 'detached' })
      await page.locator('.shell main h1').waitFor()
      await expect.poll(() => page.locator('main.view .spinner').count()).toBe(0)
      await expectNone(view)
    }
    expect(opened.complaints).toEqual([])
  })

  it('in the administration', async () => {
    const user = await world.addPerson('pharmacist')
    await world.api('POST', `/api/users/${user.id}/revoke`)
    await using opened = await world.openAs()
    const { page } = opened
    for (const view of ['users', `users/${user.id}`, 'connections', 'log', 'settings', 'health']) {
      await goTo(page, `/admin/${view}`)
      const [link = ''] = view.split('/')
      await page.locator(`.admin-links [aria-current][href="#/admin/${link}"]`).waitFor()
      await expect.poll(() => page.locator('main.view .spinner').count()).toBe(0)
      expect(await objectionsAt(page, [390, 1440]), view).toEqual({})
    }
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

it('shows the administration to who may see it, and a manager the settings only', async () => {
  await using pharmacist = await world.openAs(await world.addPerson('pharmacist'))
  for (const view of ['users', 'connections', 'log', 'settings', 'health']) {
    await goTo(pharmacist.page, `/admin/${view}`)
    await expect
      .poll(() => pharmacist.page.locator('main.view').innerText())
      .toContain('Nothing here')
  }
  await pharmacist.page.locator('.menu-button').click()
  expect(await pharmacist.page.locator('dialog a[href^="#/admin"]').count()).toBe(0)

  await using manager = await world.openAs(await world.addPerson('inventory_manager'))
  await manager.page.locator('.menu-button').click()
  expect(
    await manager.page
      .locator('dialog a[href^="#/admin"]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
  ).toEqual(['#/admin/settings'])
  await manager.page.locator('dialog a[href="#/admin/settings"]').click()
  await manager.page.getByRole('heading', { name: 'Stock settings', level: 1 }).waitFor()
})

describe('somebody who never saw the page, with a phone in the hand,', () => {
  const MOST_STEPS = 8

  /** One thing that a person does: a tap on what has this name, or something typed into it. */
  interface Walk extends OpenPage {
    readonly tap: (kind: 'link' | 'button', name: string | RegExp) => Promise<void>
    readonly type: (label: string, text: string) => Promise<void>
    readonly steps: () => number
  }
  const startWalk = async (): Promise<Walk> => {
    const opened = await world.openAs(undefined, { viewport: { width: 390, height: 844 } })
    await untilLive(opened.page)
    let steps = 0
    return {
      ...opened,
      tap: async (kind, name) => {
        steps += 1
        await opened.page.getByRole(kind, { name }).click()
      },
      type: async (label, text) => {
        steps += 1
        await opened.page.getByLabel(label, { exact: true }).fill(text)
      },
      steps: () => steps,
    }
  }

  it('receives a delivery', async () => {
    const item = await addShelf(world.database, { A: 5 })
    await using walk = await startWalk()
    await walk.type('Search', item.sku)
    await walk.tap('link', item.name)
    await walk.tap('link', /^Receive$/)
    await walk.type('Lot number', 'D-1')
    await walk.type('Expiry date', '2030-06-30')
    await walk.type('Quantity (tablet)', '40')
    await walk.tap('button', 'Book receipt')
    await expect.poll(() => lotsOf(world.database, item)).toEqual({ A: 5, 'D-1': 40 })
    await walk.page.locator('[data-write=accepted]').waitFor()
    expect(walk.steps()).toBeLessThanOrEqual(MOST_STEPS)
  })

  it('counts a shelf', async () => {
    const item = await addShelf(world.database, { A: 10, B: 20 })
    await using walk = await startWalk()
    await walk.tap('link', 'Count')
    await walk.tap('link', new RegExp(`^${item.shelf} `))
    await walk.type('Counted (tablet)', '10')
    await walk.tap('button', 'Next')
    await walk.page.getByText('Lot B', { exact: true }).waitFor()
    await walk.type('Counted (tablet)', '17')
    await walk.tap('button', 'Next')
    await walk.page.getByText('3 fewer').first().waitFor()
    await walk.tap('button', 'Book 1 difference')
    await expect.poll(() => lotsOf(world.database, item)).toEqual({ A: 10, B: 17 })
    await walk.tap('button', 'Finish the count')
    await walk.page.getByText('Choose a shelf.').waitFor()
    expect(walk.steps()).toBeLessThanOrEqual(MOST_STEPS)
  })

  it('finds out what runs out next week, and what does not', async () => {
    const soon = await addShelf(world.database, { A: 100 })
    const later = await addShelf(world.database, { A: 100 })
    for (const [item, quantities] of [
      [soon, [20, 30, 20]],
      [later, [1, 1, 1]],
    ] as const) {
      for (const quantity of quantities) {
        await world.api('POST', `/api/inventory/${item.sku}/consume`, { quantity })
      }
    }
    await using walk = await startWalk()
    await walk.tap('link', 'Runs out')
    const row = walk.page.getByRole('link', { name: new RegExp(`^${soon.name}\\b`) })
    await expect.poll(() => row.innerText()).toContain('3 days')
    // The week is what one sees without a further tap.
    await walk.page
      .getByRole('link', { name: '7 days' })
      .and(walk.page.locator('[aria-current=true]'))
      .waitFor()
    expect(await walk.page.getByRole('main').innerText()).not.toContain(later.name)
    expect(walk.steps()).toBeLessThanOrEqual(MOST_STEPS)
  })
})

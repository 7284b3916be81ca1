import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPageWorld, type PageWorld } from './page-world.js'
import { addItem, goTo, signIn, untilLive } from './page.js'

let world: PageWorld

beforeAll(async () => {
  world = await createPageWorld()
  await addItem(world.database, 'AMOX', 'Amoxicillin 500 mg', 120)
})
afterAll(() => world[Symbol.asyncDispose]())

const quantity = async (): Promise<number | undefined> => {
  const [lot] = await world.database.query<{ quantity: number }>(
    `select quantity from inventory_lots where sku = 'AMOX'`,
  )
  return lot?.quantity
}

const consume = async (page: Page, count: number): Promise<void> => {
  await goTo(page, '/stock/AMOX?do=consume')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Quantity').fill(count.toString())
  await page.keyboard.press('Control+Enter')
  await dialog.waitFor({ state: 'detached' })
}

/** Until the worker answers for the page, the item's view has come, and the stock is on the disk. */
const untilKept = async (page: Page): Promise<void> => {
  await untilLive(page)
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.getRegistration()
    return (
      registration?.active?.state === 'activated' && navigator.serviceWorker.controller !== null
    )
  })
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('/item-view-')),
  )
  await expect.poll(() => page.evaluate(readKept), { timeout: 30_000 }).toContain('Amoxicillin')
}

/** Everything that this origin's database holds, as text. */
const readKept = async (): Promise<string> => {
  const found: unknown[] = []
  for (const { name } of await indexedDB.databases()) {
    if (name === undefined) continue
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name)
      request.onsuccess = () => {
        resolve(request.result)
      }
      request.onerror = () => {
        reject(new Error(`${name} does not open`))
      }
    })
    for (const store of database.objectStoreNames) {
      found.push(
        await new Promise((resolve) => {
          const all = database.transaction(store).objectStore(store).getAll()
          all.onsuccess = () => {
            resolve(all.result)
          }
        }),
      )
    }
    database.close()
  }
  return JSON.stringify(found)
}

describe('without a network', () => {
  it('the page opens with the last known stock, keeps three movements over a reload, and books each once', async () => {
    await using opened = await world.openAs()
    const { page } = opened
    await untilKept(page)
    await page.context().setOffline(true)
    for (const count of [1, 2, 4]) await consume(page, count)
    const notice = page.locator('[data-notice=pending]')
    await expect.poll(() => notice.innerText()).toContain('3 movements wait to be sent.')

    await page.reload()
    await page.locator('[data-connection=stale]', { hasText: 'Stock as of' }).waitFor()
    expect(await page.locator('#login-form').isVisible()).toBe(false)
    await goTo(page, '/stock')
    await page.locator('[data-sku=AMOX]').waitFor()
    await expect.poll(() => notice.innerText()).toContain('3 movements wait to be sent.')
    expect(await quantity()).toBe(120)

    await page.context().setOffline(false)
    await expect.poll(quantity).toBe(113)
    await notice.waitFor({ state: 'detached' })
    await untilLive(page)
    const [booked] = await world.database.query<{ count: string }>(
      `select count(*) from stock_movements where sku = 'AMOX' and type = 'consumed'`,
    )
    expect(Number(booked?.count)).toBe(3)
  })

  it('a refusal waits for a decision, in words', async () => {
    await using opened = await world.openAs()
    const { page } = opened
    await untilKept(page)
    await page.context().setOffline(true)
    await consume(page, 5)
    await world.database.query(`update inventory_lots set quantity = 3 where sku = 'AMOX'`)
    await page.context().setOffline(false)
    const refused = page.locator('[data-notice=error]')
    await expect.poll(() => refused.innerText()).toContain('1 movement was refused')
    await page.reload()
    await refused.getByRole('link', { name: 'Decide' }).click()
    await page.getByRole('button', { name: 'Take 3' }).click()
    await expect.poll(quantity).toBe(0)
    await refused.waitFor({ state: 'detached' })
  })

  it('who has signed out leaves movements as a number, and nothing else', async () => {
    await world.database.query(`update inventory_lots set quantity = 50 where sku = 'AMOX'`)
    const first = await world.addPerson('pharmacist')
    const second = await world.addPerson('patient')
    await using opened = await world.openAs(first)
    const { page } = opened
    await untilKept(page)
    await page.context().setOffline(true)
    await consume(page, 5)
    await page.locator('[data-notice=pending]').waitFor()
    // Two taps.
    await page.getByRole('button', { name: first.username }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.locator('#login-form').waitFor()
    await page.context().setOffline(false)

    await signIn(page, second.username, second.password)
    await expect
      .poll(() => page.locator('[data-notice=plain]').innerText())
      .toContain('1 movement of another person waits')
    const shown = await page.evaluate(() =>
      [document.documentElement.outerHTML, sessionStorage, localStorage]
        .map((each) => JSON.stringify(each))
        .join(),
    )
    const left = shown + (await page.evaluate(readKept))
    expect(left).not.toContain(first.username)
    expect(left).not.toContain('Amoxicillin')
    expect(await quantity()).toBe(50)

    await page.getByRole('button', { name: second.username }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, first.username, first.password)
    await expect.poll(quantity).toBe(45)
  })
})

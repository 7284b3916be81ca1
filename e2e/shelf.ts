import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Database } from '../src/storage/database.js'

/** An item of one test alone, and the shelf that holds nothing else. */
export interface ShelfItem {
  readonly sku: string
  readonly name: string
  readonly shelf: string
}

let items = 0

const letter = (n: number): string => String.fromCharCode(65 + (Math.floor(n) % 26))

/** Puts an item with these lots onto a shelf of its own; low at 5. */
export const addShelf = async (
  database: Database,
  lots: Readonly<Record<string, number>>,
): Promise<ShelfItem> => {
  items += 1
  const item = {
    sku: `ITEM-${items.toString()}`,
    name: `Medicine ${items.toString()}`,
    // Two letters: no shelf's name begins as another's, and no quantity is in it.
    shelf: `Rack ${letter(items / 26)}${letter(items)}`,
  }
  await database.query(
    `insert into inventory_items (sku, name, unit, category, threshold)
      values ($1, $2, 'tablet', $3, 5)`,
    [item.sku, item.name, item.shelf],
  )
  for (const [lotNumber, quantity] of Object.entries(lots)) {
    await database.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
        values ($1, $2, $3, '2035-01-31')`,
      [item.sku, lotNumber, quantity],
    )
  }
  return item
}

/** What the database says that each lot holds. */
export const lotsOf = async (
  database: Database,
  { sku }: Pick<ShelfItem, 'sku'>,
): Promise<Record<string, number>> => {
  const lots = await database.query<{ lot_number: string; quantity: number }>(
    'select lot_number, quantity from inventory_lots where sku = $1 order by lot_number',
    [sku],
  )
  return Object.fromEntries(lots.map((lot) => [lot.lot_number, lot.quantity]))
}

/** The field, or the text, that has the focus. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement
    return element?.getAttribute('data-field') ?? element?.textContent ?? ''
  })

/** Goes on with Tab until what is wanted has the focus, as somebody without a mouse does. */
export const tabTo = async (page: Page, wanted: RegExp): Promise<void> => {
  for (let presses = 0; presses < 60; presses += 1) {
    if (wanted.test(await focused(page))) return
    await page.keyboard.press('Tab')
  }
  expect(await focused(page)).toMatch(wanted)
}

/** What the browser's database holds of what was typed. */
export const draftsOnDisk = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const request = indexedDB.open('uzima-drafts')
        request.onerror = () => {
          reject(new Error('The browser has no drafts'))
        }
        request.onsuccess = () => {
          const all = request.result.transaction('drafts').objectStore('drafts').getAll()
          all.onsuccess = () => {
            request.result.close()
            resolve(JSON.stringify(all.result))
          }
        }
      }),
  )

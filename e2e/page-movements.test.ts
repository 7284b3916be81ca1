import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPageWorld, type PageWorld } from './page-world.js'
import { goTo, signIn, untilLive, type OpenPage } from './page.js'
import { scan } from './scanner.js'
import {
  addShelf,
  draftsOnDisk,
  focused,
  lotsOf as lotsIn,
  tabTo,
  type ShelfItem,
} from './shelf.js'

const GS = '\u001d'

let world: PageWorld

beforeAll(async () => {
  world = await createPageWorld({ withWorker: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const addItem = (lots: Readonly<Record<string, number>>): Promise<ShelfItem> =>
  addShelf(world.database, lots)
const lotsOf = (item: ShelfItem): Promise<Record<string, number>> => lotsIn(world.database, item)

const open = async (address: string): Promise<OpenPage> => {
  const opened = await world.openAs()
  await untilLive(opened.page)
  await goTo(opened.page, address)
  return opened
}

describe('a shelf', () => {
  it('is counted with the keyboard alone, and only what differs is booked', async () => {
    const item = await addItem({ A: 10, B: 20, C: 30 })
    await using opened = await open('/stock')
    const { page } = opened
    await tabTo(page, /^Count$/)
    await page.keyboard.press('Enter')
    await page.locator('.shelf').first().waitFor()
    await tabTo(page, new RegExp(`^${item.shelf}`))
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page)).toBe('counted')
    // What the stock expects is nowhere to be read.
    expect(await page.getByRole('main').innerText()).not.toMatch(/\b(?:10|20|30)\b/)
    await page.keyboard.type('10\n17\n')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.shell main h1').innerText()).toBe('Differences')
    await expect.poll(() => page.getByRole('main').innerText()).toContain('3 fewer')
    // An Enter too much books nothing.
    await page.keyboard.press('Enter')
    expect(await lotsOf(item)).toEqual({ A: 10, B: 20, C: 30 })

    await page.keyboard.press('Control+Enter')
    await expect.poll(() => lotsOf(item)).toEqual({ A: 10, B: 17, C: 30 })
    await page.getByRole('button', { name: 'Finish the count' }).waitFor()
    await page.keyboard.press('Control+Enter')
    await page.locator('.shelf').first().waitFor()
    const written = await world.database.query(
      `select type, reason like 'Count%' as counted from stock_movements where sku = $1 and actor = 'admin'`,
      [item.sku],
    )
    expect(written).toEqual([{ type: 'adjusted', counted: true }])
    expect(opened.complaints).toEqual([])
  })

  it('asks about a lot that moved meanwhile, and books the others', async () => {
    const item = await addItem({ A: 10, B: 20 })
    await using opened = await open(`/count/lots?shelf=${item.shelf}`)
    const { page } = opened
    await expect.poll(() => focused(page)).toBe('counted')
    await page.keyboard.type('8\n')
    await page.keyboard.type('19\n')
    await page.getByRole('button', { name: 'Book 2 differences' }).waitFor()
    await world.database.query(
      `update inventory_lots set quantity = 6 where sku = $1 and lot_number = 'A'`,
      [item.sku],
    )
    await page.getByText('The stock said 10 when you counted and says 6 now.').waitFor()
    await page.getByRole('button', { name: 'Book 1 difference' }).click()
    await expect.poll(() => lotsOf(item)).toEqual({ A: 6, B: 19 })

    await page.getByRole('button', { name: 'My 8 is right' }).click()
    await page.getByRole('button', { name: 'Book 1 difference' }).click()
    await expect.poll(() => lotsOf(item)).toEqual({ A: 8, B: 19 })
  })

  it('whose lot moves in the very moment of booking asks on that row, and loses neither number', async () => {
    const item = await addItem({ A: 10 })
    await using opened = await open(`/count/lots?shelf=${item.shelf}`)
    const { page } = opened
    await page.route(
      '**/adjust',
      async (route) => {
        await world.database.query('update inventory_lots set quantity = 6 where sku = $1', [
          item.sku,
        ])
        await route.continue()
      },
      { times: 1 },
    )
    await expect.poll(() => focused(page)).toBe('counted')
    await page.keyboard.type('8\n')
    await page.getByRole('button', { name: 'Book 1 difference' }).click()
    await page.getByText('10 then, 6 now').waitFor()
    expect(await lotsOf(item)).toEqual({ A: 6 })
    await page.getByRole('button', { name: 'My 8 is right' }).click()
    await expect.poll(() => lotsOf(item)).toEqual({ A: 8 })
    await page.getByRole('button', { name: 'Finish the count' }).waitFor()
  })

  it('that is half counted is still there after the tab was killed', async () => {
    const item = await addItem({ A: 10, B: 20 })
    await using opened = await open(`/count/lots?shelf=${item.shelf}`)
    const { page } = opened
    await expect.poll(() => focused(page)).toBe('counted')
    await page.keyboard.type('9\n')
    await expect.poll(() => draftsOnDisk(page)).toContain('"typed":"9"')
    const next = await page.context().newPage()
    await page.close()
    await next.goto(world.server.url)
    await signIn(next, 'admin', world.server.adminPassword)
    await goTo(next, '/count')
    await next.getByRole('link', { name: `${item.shelf} Begun 2 lots` }).click()
    await next.getByText('1 of 2 lots counted').waitFor()
    await next.getByText('1 fewer').first().waitFor()
  })
})

describe('a scanner', () => {
  const GTIN = '09501101530003'
  const label = (lot: string): string => `01${GTIN}1728043010${lot}${GS}21SERIAL-1`

  it('opens the item and fills the receipt, and leaves alone what was typed', async () => {
    const item = await addItem({ OLD: 4 })
    await world.database.query(
      `update inventory_items set metadata = jsonb_build_object('gtins', jsonb_build_array($2::text)) where sku = $1`,
      [item.sku, GTIN],
    )
    await using opened = await open('/movements')
    const { page } = opened
    await page.getByText('Nothing waits').waitFor()
    await scan(page, label('NEW-1'))
    const dialog = page.getByRole('dialog', { name: `Receive: ${item.name}` })
    await expect.poll(() => dialog.getByLabel('Lot number').inputValue()).toBe('NEW-1')
    expect(await dialog.getByLabel('Expiry date').inputValue()).toBe('2028-04-30')
    await expect.poll(() => focused(page)).toBe('quantity')

    await dialog.getByLabel('Quantity').fill('30')
    await dialog.getByLabel('Reason').fill('Delivery 7')
    // Into a field: it gets back what was there, and what differs is asked.
    await scan(page, label('NEW-2'))
    await dialog.getByText('here stands NEW-1, the label says NEW-2').waitFor()
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('Delivery 7')
    expect(await dialog.getByLabel('Quantity').inputValue()).toBe('30')
    await dialog.getByRole('button', { name: 'Take the label’s' }).click()
    await expect.poll(() => focused(page)).toBe('quantity')
    await page.keyboard.press('Control+Enter')
    await expect.poll(() => lotsOf(item)).toEqual({ 'NEW-2': 30, OLD: 4 })

    // A lot that is here by now: its item opens and says so.
    await goTo(page, '/movements')
    await scan(page, label('NEW-2'))
    await page.getByText('Lot NEW-2 is here: 30.').waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('asks what an unknown code is, and remembers the answer', async () => {
    const item = await addItem({ A: 4 })
    await using opened = await open('/movements')
    const { page } = opened
    await page.getByText('Nothing waits').waitFor()
    await scan(page, '5901234123457')
    await page.getByText('No item has this code yet').waitFor()
    await page.keyboard.type(item.name)
    await page.getByRole('button', { name: item.sku }).click()
    await page.getByRole('heading', { name: item.name }).waitFor()
    await goTo(page, '/movements')
    await page.getByRole('heading', { name: 'Movements' }).waitFor()
    await scan(page, '5901234123457')
    await page.getByRole('heading', { name: item.name }).waitFor()
  })
})

describe('a movement', () => {
  it('that is refused says in words what is there, can ask for that, and can be taken back', async () => {
    const item = await addItem({ A: 5, B: 7 })
    await using opened = await open(`/stock/${item.sku}?do=consume`)
    const { page } = opened
    await expect.poll(() => focused(page)).toBe('quantity')
    await page.keyboard.type('20')
    await page.getByText('Only 12 are left; you ask for 20.').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByText('Only 12 are left; you asked for 20.').waitFor()
    await expect.poll(() => focused(page)).toBe('Take 12')
    expect(await lotsOf(item)).toEqual({ A: 5, B: 7 })

    await page.keyboard.press('Enter')
    await expect.poll(() => lotsOf(item)).toEqual({ A: 0, B: 0 })
    await page.getByRole('button', { name: 'Undo: Taken out −12' }).first().click()
    await page.getByText('Receive 5 into lot A').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => lotsOf(item)).toEqual({ A: 5, B: 7 })
    const history = page.getByRole('region', { name: 'Who did what' })
    await expect.poll(() => history.innerText()).toMatch(/Received \+\d[\s\S]*Taken out −12/)
  })

  it('keeps what was typed when its form is closed, and says which field is not right', async () => {
    const item = await addItem({ A: 5 })
    await using opened = await open(`/stock/${item.sku}?do=dispose`)
    const { page } = opened
    await page.getByLabel('Lot', { exact: false }).first().waitFor()
    await page.getByLabel('Quantity (tablet)').fill('2')
    await page.keyboard.press('Control+Enter')
    await page.getByText('Please fill this in.').first().waitFor()
    await expect.poll(() => focused(page)).toContain('lotNumber')
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Write off' }).click()
    await expect.poll(() => page.getByLabel('Quantity (tablet)').inputValue()).toBe('2')
    await page.getByLabel('Lot number').selectOption('A')
    await page.getByRole('button', { name: 'Broken' }).click()
    await page.getByRole('button', { name: 'Book write-off' }).click()
    await expect.poll(() => lotsOf(item)).toEqual({ A: 3 })
  })
})

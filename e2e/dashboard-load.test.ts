import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { expectWithin, times } from '../test/support/long.js'
import { createPageWorld, type PageWorld } from './page-world.js'
import { addItems, untilLive } from './page.js'

const ITEMS = 5000
const CHANGES_PER_SECOND = 50

let world: PageWorld

beforeAll(async () => {
  world = await createPageWorld({ withWorker: false })
  await addItems(world.database, ITEMS)
})
afterAll(() => world[Symbol.asyncDispose]())

it('scrolls and searches 5,000 items while 50 change each second', async () => {
  await using opened = await world.openAs()
  const { page } = opened
  await untilLive(page)
  await expect.poll(() => page.locator('.stock-head').innerText()).toContain('5,000 items')
  const table = page.getByRole('table', { name: 'Stock' })
  expect(await table.getAttribute('aria-rowcount')).toBe('5001')
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(1500)

  await watchFrames(page)
  const seconds = times(3, 20)
  const changes = changeStock(seconds)
  for (let turn = 0; turn < seconds; turn += 1) {
    await page.locator('.stock-scroll').hover()
    await page.mouse.wheel(0, 20_000)
    await page.locator('input[type=search]').fill('')
    await page.locator('input[type=search]').pressSequentially(`medicine ${String(turn + 1)}11`)
    await expect
      .poll(() => page.locator('tbody tr[data-sku]').first().innerText())
      .toContain(`Medicine ${String(turn + 1)}11`)
  }
  await page.locator('input[type=search]').fill('ITEM-00007')
  await changes

  // The last change of all is there, and one item at its place.
  await world.database.query(`update inventory_lots set quantity = 4321 where sku = 'ITEM-00007'`)
  await expect.poll(() => page.locator('[data-sku=ITEM-00007]').innerText()).toContain('4,321')
  const { frames, dropped, longestMs, inputMs } = await framesOf(page)
  console.info(
    `5,000 items, ${CHANGES_PER_SECOND.toString()} changes/s: ${frames.toString()} frames, ` +
      `${dropped.toString()} dropped, longest ${longestMs.toString()} ms, input delay at most ${inputMs.toString()} ms`,
  )
  expect(frames).toBeGreaterThan(10)
  expectWithin(200, inputMs, 'from a key to its letter on the screen')
  expect(opened.complaints).toEqual([])
})

it('can be typed into at once on a phone with a slow network, and shows the stock soon after', async () => {
  await using opened = await world.open({ viewport: { width: 390, height: 844 } })
  const { page } = opened
  await makeSlow(page)
  await page.goto(world.server.url)
  const formMs = await whenThere(page, '#login-username:focus')
  await page.locator('#login-username').fill('admin')
  await page.locator('#login-password').fill(world.server.adminPassword)
  const clickedAt = await page.evaluate(() => performance.now())
  await page.locator('#login-submit').click()
  const stockMs = (await whenThere(page, '[data-sku]')) - clickedAt
  console.info(
    `a phone, 400 kB/s, CPU 4 times slower: form after ${formMs.toFixed(0)} ms, ` +
      `5,000 items ${stockMs.toFixed(0)} ms after the log-in`,
  )
  expectWithin(1500, formMs, 'from the address to the form')
  expectWithin(3000, stockMs, 'from the log-in to the stock')
})

/** As a phone of the cheaper kind at the edge of a cell, with nothing of the page kept. */
const makeSlow = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page)
  await page.goto('about:blank')
  await devtools.send('Network.clearBrowserCache')
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 40,
    downloadThroughput: 400_000,
    uploadThroughput: 100_000,
  })
}

/** When the page has what `selector` names, in milliseconds since it was asked for, by its own clock. */
const whenThere = async (page: Page, selector: string): Promise<number> => {
  const found = await page.waitForFunction(
    (sought) => document.querySelector(sought) !== null && performance.now(),
    selector,
  )
  return Number(await found.jsonValue())
}

/** Changes some lot 50 times a second, by plain SQL, ten at a time. */
const changeStock = async (seconds: number): Promise<void> => {
  const tenth = 10
  for (let turn = 0; turn < (seconds * CHANGES_PER_SECOND) / tenth; turn += 1) {
    const started = performance.now()
    await world.database.query(
      `update inventory_lots set quantity = quantity + 1 where sku in
         (select 'ITEM-' || lpad((1 + floor(random() * $1))::text, 5, '0') from generate_series(1, $2::int))`,
      [ITEMS, tenth],
    )
    const leftMs = (tenth * 1000) / CHANGES_PER_SECOND - (performance.now() - started)
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs))
  }
}

interface Frames {
  readonly frames: number
  /** Frames of 60 a second that were not drawn. */
  readonly dropped: number
  readonly longestMs: number
  /** From a key or a wheel to the next drawing, at most; by the browser's own clock. */
  readonly inputMs: number
}

const watchFrames = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen = { times: [] as number[], inputMs: 0 }
    Object.assign(window, { seen })
    const frame = (at: number): void => {
      seen.times.push(at)
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.inputMs = Math.max(seen.inputMs, duration)
      // Shorter ones than 16 ms are not told; nor are those of the log-in, before this.
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  })

const framesOf = (page: Page): Promise<Frames> =>
  page.evaluate(() => {
    const { seen } = window as unknown as { seen: { times: number[]; inputMs: number } }
    const lengths = seen.times.slice(1).map((at, index) => at - (seen.times[index] ?? at))
    const frameMs = 1000 / 60
    return {
      frames: lengths.length,
      dropped: lengths.reduce((sum, ms) => sum + Math.max(0, Math.round(ms / frameMs) - 1), 0),
      longestMs: Math.round(Math.max(...lengths)),
      inputMs: Math.round(seen.inputMs),
    }
  })

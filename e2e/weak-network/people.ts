import {
  createSessionTokens,
  createUzimaClient,
  memoryStore,
  type UzimaClient,
} from '@uzima/client'
import type { Browser, Page } from 'playwright-core'
import type { Random } from '../rig/random.js'
import { goTo, openPage, signIn, untilLive, type OpenPage } from '../page.js'

/** Who may move stock, as the demo's start names them. */
export interface Person {
  readonly username: string
  readonly password: string
}

/** One who takes stock out and knows what he meant: by his name the database tells what became of it. */
export interface Mover extends AsyncDisposable {
  readonly username: string
  /** Takes one unit out of `sku`, with a network or without. */
  readonly takeOne: (sku: string) => Promise<void>
  /** How many movements were made. */
  readonly made: () => number
}

export interface ClientMover extends Mover {
  readonly client: UzimaClient
}

/** A program with the client package. */
export const openClient = async (url: string, person: Person): Promise<ClientMover> => {
  const session = createSessionTokens({ baseUrl: url })
  await session.login(person.username, person.password)
  const client = createUzimaClient({ url, getToken: session.getToken, store: memoryStore() })
  await client.start()
  let made = 0
  return {
    client,
    username: person.username,
    takeOne: async (sku) => {
      await client.writes.add({ kind: 'consume', sku, quantity: 1, reason: `weak ${String(made)}` })
      made += 1
    },
    made: () => made,
    [Symbol.asyncDispose]: () => client.stop(),
  }
}

export interface PageMover extends Mover {
  readonly page: Page
  readonly complaints: OpenPage['complaints']
  /** How many refreshes of the page got no answer: what ends a session that takes asking again for a theft. */
  readonly refreshesLost: () => number
}

/** A person at the page, who loads it anew now and then. */
export const openPerson = async (
  browser: Browser,
  url: string,
  person: Person,
  random: Random,
): Promise<PageMover> => {
  const opened = await openPage(browser, { url })
  const { page } = opened
  let refreshesLost = 0
  page.on('requestfailed', (request) => {
    if (request.url().endsWith('/api/auth/refresh')) refreshesLost += 1
  })
  await signIn(page, person.username, person.password)
  await untilLive(page)
  // Until the page can be opened without a network.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  let made = 0
  return {
    page,
    complaints: opened.complaints,
    refreshesLost: () => refreshesLost,
    username: person.username,
    takeOne: async (sku) => {
      if (random.chance(0.2)) await page.reload()
      await goTo(page, `/stock/${sku}?do=consume`)
      const dialog = page.getByRole('dialog')
      try {
        await dialog.getByLabel('Quantity').fill('1')
      } catch (cause) {
        const shown = await page.locator('body').innerText()
        throw new Error(`Nothing can be taken out. The page shows: ${shown}`, { cause })
      }
      await page.keyboard.press('Control+Enter')
      await dialog.waitFor({ state: 'detached' })
      made += 1
      await goTo(page, '/stock')
    },
    made: () => made,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

import type { Movement, QueuedWrite, UzimaClient } from '@uzima/client'
import type { BrowserContext, Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'

declare global {
  interface Window {
    /** Once it has started. */
    readonly uzimaClient?: UzimaClient
  }
}

/** The client over IndexedDB, as a page of the server's origin has it; user and token are in the address. */
const PAGE_SCRIPT = `
  import { createUzimaClient, indexedDbStore } from '@uzima/client'
  const address = new URLSearchParams(location.hash.slice(1))
  const client = createUzimaClient({
    url: location.origin,
    userId: address.get('user'),
    getToken: () => address.get('token'),
    store: indexedDbStore(),
  })
  client.start().then(() => { window.uzimaClient = client })
`

const ENTRY = 'virtual:queue-page'

/** Builds the page's script from the sources of the client. */
export const buildPageScript = async (): Promise<string> => {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['source'] },
    plugins: [
      {
        name: 'queue-page',
        resolveId: (id) => (id === ENTRY ? ENTRY : undefined),
        load: (id) => (id === ENTRY ? PAGE_SCRIPT : undefined),
      },
    ],
    build: { write: false, minify: false, rolldownOptions: { input: ENTRY } },
  })) as Rolldown.RolldownOutput
  return built.output[0].code
}

/** Serves the page and its script at `/queue` of the server's origin, to all pages of the context, also offline. */
export const servePage = async (context: BrowserContext, script: string): Promise<void> => {
  await context.route('**/queue', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><title>Queue</title><script type="module" src="/queue.js"></script>',
    }),
  )
  await context.route('**/queue.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  )
}

/** Opens the page for a person and waits until its client knows what is kept. */
export const openClient = async (
  context: BrowserContext,
  url: string,
  { userId, token }: { readonly userId: string; readonly token: string },
): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(`${url}/queue#user=${userId}&token=${token}`)
  await hasStarted(page)
  return page
}

/** Waits until the client of the page has read its store, after a reload, too. */
export const hasStarted = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => window.uzimaClient !== undefined)
}

/** How the page shows an item: what can be used by its view, and what is pending. */
export const shownOf = (page: Page, sku: string) =>
  page.evaluate(
    (of) => ({
      usable: window.uzimaClient?.inventory.get(of)?.usableQuantity,
      effect: window.uzimaClient?.writes.effectOn(of),
    }),
    sku,
  )

export const addIn = (page: Page, movement: Movement): Promise<QueuedWrite | undefined> =>
  page.evaluate((meant) => window.uzimaClient?.writes.add(meant), movement)

export const listOf = async (page: Page): Promise<readonly QueuedWrite[]> =>
  (await page.evaluate(() => window.uzimaClient?.writes.list())) ?? []

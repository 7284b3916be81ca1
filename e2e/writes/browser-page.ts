import type { MovementChanges, Movement, QueuedWrite } from '@uzima/client'
import type { BrowserContext, Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'

/** What the page below puts on its window, seen from the test: everything is copied in and out. */
interface PageQueue {
  readonly add: (movement: Movement) => Promise<QueuedWrite>
  readonly retry: (id: string, changes?: MovementChanges) => Promise<QueuedWrite>
  readonly list: () => readonly QueuedWrite[]
  readonly othersWaiting: () => number
}

declare global {
  interface Window {
    readonly uzimaQueue?: PageQueue
    /** Messages of what failed in the background. */
    readonly uzimaErrors?: readonly string[]
  }
}

/** The queue over IndexedDB, as a page of the server's origin has it; `user` and `token` are in the address. */
const PAGE_SCRIPT = `
  import { createDatabase, createSendWrite, createWriteQueue, indexedDbWriteStore } from '@uzima/client'
  const address = new URLSearchParams(location.hash.slice(1))
  const user = { userId: address.get('user') }
  window.uzimaErrors = []
  const queue = createWriteQueue({
    store: indexedDbWriteStore(createDatabase()),
    send: createSendWrite({ baseUrl: '' }),
    getToken: () => address.get('token'),
    user: { get: () => user, subscribe: () => () => {} },
    stock: {
      get: () => undefined,
      position: () => ({ epoch: '00000000-0000-4000-8000-000000000000', seq: 0 }),
      subscribe: () => () => {},
    },
    onError: (error) => window.uzimaErrors.push(error.message),
  })
  addEventListener('online', queue.wake)
  queue.start().then(() => { window.uzimaQueue = queue })
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

/** Opens the page for a person and waits until its queue knows what is kept. */
export const openQueue = async (
  context: BrowserContext,
  url: string,
  { userId, token }: { readonly userId: string; readonly token: string },
): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(`${url}/queue#user=${userId}&token=${token}`)
  await hasStarted(page)
  return page
}

/** Waits until the queue of the page has read its store, after a reload, too. */
export const hasStarted = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => window.uzimaQueue !== undefined)
}

export const addIn = (page: Page, movement: Movement): Promise<QueuedWrite | undefined> =>
  page.evaluate((meant) => window.uzimaQueue?.add(meant), movement)

export const listOf = async (page: Page): Promise<readonly QueuedWrite[]> =>
  (await page.evaluate(() => window.uzimaQueue?.list())) ?? []

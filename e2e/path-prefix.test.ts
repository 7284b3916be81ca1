import { createHash } from 'node:crypto'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startServer, type RunningServer } from '../test/support/server.js'
import { goTo, signIn, untilLive, untilOpensOffline } from './page.js'

const PREFIX = '/uzima'

/**
 * A reverse proxy as nginx's `location /uzima/ { proxy_pass http://server/; }`: all that is outside is somebody else's. What
 * `published` has for a path stands in the place of the server's file.
 */
const startProxy = async (
  target: URL,
  published: ReadonlyMap<string, string>,
): Promise<Server & AsyncDisposable> => {
  const inside = ({ url = '' }: IncomingMessage): string | undefined =>
    url.startsWith(`${PREFIX}/`) ? url.slice(PREFIX.length) : undefined

  const server = createServer((incoming, outgoing) => {
    const path = inside(incoming)
    if (path === undefined) {
      outgoing.writeHead(404).end('another service')
      return
    }
    const { method = 'GET', headers } = incoming
    const text = published.get(path)
    const isOurs = text !== undefined
    // Whole, as it is.
    const asked = { method, path, headers: isOurs ? {} : headers }
    const passed = request(target, asked, (answer) => {
      const length = isOurs ? { 'content-length': Buffer.byteLength(text) } : {}
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...length })
      if (!isOurs) answer.pipe(outgoing)
      else answer.resume().on('end', () => outgoing.end(text))
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  server.on('upgrade', (incoming: IncomingMessage, near, head: Buffer) => {
    const path = inside(incoming)
    if (path === undefined) {
      near.destroy()
      return
    }
    const far = connect(Number(target.port), target.hostname, () => {
      const lines = incoming.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 0 ? [`${name}: ${all[index + 1] ?? ''}`] : [],
      )
      far.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
      far.write(head)
      near.pipe(far).pipe(near)
    })
    far.on('error', () => near.destroy())
    near.on('error', () => far.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

let browser: Browser
let server: RunningServer
let proxy: Server & AsyncDisposable
let home: string
const published = new Map<string, string>()

beforeAll(async () => {
  browser = await launchBrowser()
  server = await startServer()
  proxy = await startProxy(new URL(server.url), published)
  const { port } = proxy.address() as AddressInfo
  home = `http://127.0.0.1:${port.toString()}${PREFIX}/`
  const token = await server.login()
  await server.api(token, 'POST', '/api/inventory', { sku: 'AMOX', name: 'Amoxicillin 500 mg' })
})
afterAll(async () => {
  await browser.close()
  await proxy[Symbol.asyncDispose]()
  await server.stop()
})

/** Another build of the page, with a mark in its head; the open page looks for it, as it does by itself each hour. */
const publish = async (build: string, open: Page): Promise<void> => {
  const read = async (path: string): Promise<string> => (await fetch(`${server.url}${path}`)).text()
  const hash = (text: string): string => createHash('sha256').update(text).digest('base64')
  const page = await read('/')
  const next = page.replace('</head>', `<meta name="build" content="${build}" /></head>`)
  published.set('/', next)
  const worker = await read('/service-worker.js')
  published.set('/service-worker.js', worker.replace(hash(page), hash(next)))
  await open.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
}

it('the page and the documents live below a prefix that only the proxy knows', async () => {
  const page = await browser.newPage()
  const complaints: string[] = []
  // The browser tells in the console what the policy of the page has stopped.
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (sent) => {
    if (!sent.url().startsWith(home)) complaints.push(`left the prefix: ${sent.url()}`)
  })
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))

  await page.goto(home)
  await signIn(page, 'admin', server.adminPassword)
  await page.getByText('Amoxicillin 500 mg').click()
  await untilLive(page)
  // A link into the page is one below the prefix as well.
  await page.goto('about:blank')
  await page.goto(`${home}#/stock/AMOX`)
  await page.locator('.stock-item', { hasText: 'Amoxicillin 500 mg' }).waitFor()
  expect(sockets[0]).toContain(`${PREFIX}/socket.io/`)

  for (const docs of ['docs', 'docs/']) {
    await page.goto(`${home}${docs}`)
    await page.getByText('A page of items as of one moment').waitFor()
  }
  // Tried out from the page, a request stays below the prefix as well.
  const answered = page.waitForResponse(`${home}health/live`)
  await page.locator('#operations-operation-getHealthLive').click()
  await page.getByRole('button', { name: 'Execute' }).click()
  expect((await answered).status()).toBe(200)
  expect(complaints).toEqual([])
})

it('a newer page comes when the person says so, keeps what is typed, and opens without a network', async () => {
  await using context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(home)
  await signIn(page, 'admin', server.adminPassword)
  await untilLive(page)
  await untilOpensOffline(page)
  await goTo(page, '/stock/AMOX?do=receive')
  const quantity = page.getByRole('dialog').getByLabel('Quantity')
  await quantity.fill('7')
  await publish('second', page)
  const notice = page.locator('[data-notice=plain]', { hasText: 'A new version of this page' })
  await notice.waitFor()
  expect(await quantity.inputValue()).toBe('7')
  // Until then the page that one knows is opened again.
  const builds = page.locator('meta[name=build]')
  await page.reload()
  await expect.poll(() => quantity.inputValue()).toBe('7')
  expect(await builds.count()).toBe(0)

  await page.keyboard.press('Escape')
  await notice.getByRole('button', { name: 'Reload' }).click()
  await page.locator('meta[content=second]').waitFor({ state: 'attached' })
  await goTo(page, '/stock/AMOX?do=receive')
  await expect.poll(() => quantity.inputValue()).toBe('7')
  await notice.waitFor({ state: 'detached' })

  // Nobody is there to say so at a screen on the wall, and nobody types.
  await goTo(page, '/wall')
  await page.locator('.wall').waitFor()
  await publish('third', page)
  await page.locator('meta[content=third]').waitFor({ state: 'attached' })
  await page.locator('.wall').waitFor()
  await goTo(page, '/stock/AMOX?do=receive')
  await expect.poll(() => quantity.inputValue()).toBe('7')

  await context.setOffline(true)
  await page.reload()
  await page.locator('[data-connection=stale]', { hasText: 'Stock as of' }).waitFor()
  await page.locator('.stock-item', { hasText: 'Amoxicillin 500 mg' }).waitFor()
  await expect.poll(() => quantity.inputValue()).toBe('7')
  expect(await builds.getAttribute('content')).toBe('third')
})

it('what a request has made is found below the prefix, too', async () => {
  const list = `${home}api/inventory`
  const headers = { authorization: `Bearer ${await server.login()}` }
  const made = await fetch(list, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ sku: 'IBU', name: 'Ibuprofen' }),
  })
  const location = new URL(made.headers.get('location') ?? '', list)
  expect((await fetch(location, { headers })).status).toBe(200)
})

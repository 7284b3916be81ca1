import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startServer } from '../test/support/server.js'
import { signIn, untilLive } from './page.js'

const PREFIX = '/uzima'

/** A reverse proxy as nginx's `location /uzima/ { proxy_pass http://server/; }`: all that is outside is somebody else's. */
const startProxy = async (target: URL): Promise<Server & AsyncDisposable> => {
  const inside = ({ url = '' }: IncomingMessage): string | undefined =>
    url.startsWith(`${PREFIX}/`) ? url.slice(PREFIX.length) : undefined

  const server = createServer((incoming, outgoing) => {
    const path = inside(incoming)
    if (path === undefined) {
      outgoing.writeHead(404).end('another service')
      return
    }
    const { method = 'GET', headers } = incoming
    const passed = request(target, { method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
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

it('the page and the documents live below a prefix that only the proxy knows', async () => {
  await using server = await startServer()
  await using proxy = await startProxy(new URL(server.url))
  await using browser = await launchBrowser()
  const { port } = proxy.address() as AddressInfo
  const home = `http://127.0.0.1:${port.toString()}${PREFIX}/`
  const token = await server.login()
  await server.api(token, 'POST', '/api/inventory', { sku: 'AMOX', name: 'Amoxicillin 500 mg' })

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

it('what a request has made is found below the prefix, too', async () => {
  await using server = await startServer()
  await using proxy = await startProxy(new URL(server.url))
  const { port } = proxy.address() as AddressInfo
  const list = `http://127.0.0.1:${port.toString()}${PREFIX}/api/inventory`
  const headers = { authorization: `Bearer ${await server.login()}` }
  const made = await fetch(list, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ sku: 'AMOX', name: 'Amoxicillin' }),
  })
  const location = new URL(made.headers.get('location') ?? '', list)
  expect((await fetch(location, { headers })).status).toBe(200)
})

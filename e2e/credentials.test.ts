import { createServer, type Server } from 'node:http'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startServer } from '../test/support/server.js'

/** A page of another origin, with the stock client as a bundler would give it. */
const servePage = async (): Promise<Server & AsyncDisposable> => {
  const client = dirname(createRequire(import.meta.url).resolve('socket.io-client/package.json'))
  const script = await readFile(join(client, 'dist/socket.io.js'))
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', url === '/io.js' ? 'text/javascript' : 'text/html')
    response.end(url === '/io.js' ? script : '<!doctype html><script src="/io.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
const originOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`

it('a stock client with credentials is let in from an allowed origin, and from no other', async () => {
  await using friend = await servePage()
  await using stranger = await servePage()
  await using server = await startServer({ env: { CLIENT_URL: originOf(friend) } })
  const token = await server.login()
  await using browser = await launchBrowser()

  const tryFrom = async (origin: string) => {
    const page = await browser.newPage()
    await page.goto(origin)
    // In the page: `io` is what its script has put on the window.
    const outcome = await page.evaluate(
      async ({ url, token: bearer }) => {
        interface Socket {
          once: (event: string, listener: (value: { message?: string }) => void) => void
          disconnect: () => void
        }
        const { io } = window as unknown as { io: (url: string, options: object) => Socket }
        const connect = (transport: string): Promise<string> =>
          new Promise((resolve) => {
            const socket = io(url, {
              transports: [transport],
              withCredentials: true,
              reconnection: false,
              auth: { token: bearer },
            })
            socket.once('connected', () => {
              socket.disconnect()
              resolve('connected')
            })
            socket.once('connect_error', ({ message }) => {
              resolve(message ?? 'refused')
            })
          })
        const rest = await fetch(`${url}/api/auth/me`, {
          credentials: 'include',
          headers: { authorization: `Bearer ${bearer}` },
        }).then(
          ({ status }) => status,
          () => 'refused',
        )
        return { rest, polling: await connect('polling'), websocket: await connect('websocket') }
      },
      { url: server.url, token },
    )
    await page.close()
    return outcome
  }

  expect(await tryFrom(originOf(friend))).toEqual({
    rest: 200,
    polling: 'connected',
    websocket: 'connected',
  })
  expect(await tryFrom(originOf(stranger))).toEqual({
    rest: 'refused',
    polling: 'xhr poll error',
    websocket: 'websocket error',
  })
})

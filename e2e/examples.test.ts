import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import { io } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import { startProgram, type Program } from '../test/support/program.js'
import { readSeedBlocks, replaceOnce } from './seed-blocks.js'

const prettierrc = fileURLToPath(new URL('../.prettierrc', import.meta.url))

/** Code of the seed in the layout of this repository: same words, other line breaks. */
const formatted = async (code: string): Promise<string> =>
  prettier.format(code, { ...(await prettier.resolveConfig(prettierrc)), parser: 'babel' })

const readExample = (path: string): Promise<string> =>
  readFile(new URL(`../examples/${path}`, import.meta.url), 'utf8')

const words = (code: string): string => code.replaceAll(/\s+/g, ' ').trim()

interface ExampleBackend extends AsyncDisposable {
  readonly url: string
  readonly logIn: (username: string) => Promise<string>
  readonly announce: (token: string) => Promise<number>
  readonly program: Program
}

const startBackend = async (): Promise<ExampleBackend> => {
  const password = 'a password of the example'
  const program = await startProgram(['examples/express-backend/server.js'], {
    env: { PORT: '0', EXAMPLE_PASSWORD: password },
  })
  const [, url = ''] = await program.says(/Example back end at (\S+)/)
  const post = (path: string, body: object, token?: string): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    })
  return {
    url,
    program,
    logIn: async (username) => {
      const response = await post('/login', { username, password })
      return ((await response.json()) as { token: string }).token
    },
    announce: async (token) => (await post('/announcements', {}, token)).status,
    [Symbol.asyncDispose]: program.stop,
  }
}

describe('the example back end and the example client', () => {
  it('are the blocks of the seed, but for address and token', async () => {
    const seed = await readSeedBlocks()
    const client = replaceOnce(
      replaceOnce(seed.client, "'http://localhost:3000'", 'url'),
      "token: 'your-jwt-token-here'",
      'token',
    )
    const [clientImport = '', ...clientRest] = (await formatted(client)).split('\n')
    const exampleClient = words(await readExample('client/client.js'))
    expect(exampleClient).toContain(clientImport)
    expect(exampleClient).toContain(words(clientRest.join('\n')))

    const [backendImport = '', ...backendRest] = (await formatted(seed.broadcasting)).split('\n')
    const exampleBackend = words(await readExample('express-backend/announce.js'))
    expect(exampleBackend).toContain(backendImport)
    expect(exampleBackend).toContain(words(backendRest.join('\n')))
  })

  it('connect, and the client prints what the back end sends', async () => {
    await using backend = await startBackend()
    const token = await backend.logIn('amina')
    await using client = await startProgram(['examples/client/client.js', backend.url, token])
    await client.says(/^Connected as: amina$/m)

    expect(await backend.announce(token)).toBe(202)
    await client.says(/Inventory updated: \{ item: 'medicine-x', quantity: 100 \}/)
    await backend.program.says(/socket accepted null u-1/)
  })

  it('know on the socket who it is', async () => {
    await using backend = await startBackend()
    const auth = { token: await backend.logIn('juma') }
    const socket = io(backend.url, { auth, transports: ['websocket'], forceNew: true })
    try {
      const answer: unknown = await socket.timeout(5_000).emitWithAck('stock:ask', 'medicine-x')
      expect(answer).toEqual({ item: 'medicine-x', askedBy: 'juma' })
    } finally {
      socket.disconnect()
    }
  })

  it('refuse a token that the back end did not sign', async () => {
    await using backend = await startBackend()
    const [header, payload] = (await backend.logIn('amina')).split('.')
    const forged = `${String(header)}.${String(payload)}.${Buffer.alloc(32).toString('base64url')}`
    await using client = await startProgram(['examples/client/client.js', backend.url, forged])
    await backend.program.says(/socket refused AUTH_TOKEN_INVALID/)
    expect(await backend.announce(forged)).toBe(401)
    expect(client.output()).toBe('')
  })
})

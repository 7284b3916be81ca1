import { access, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { io } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import { makeDataFolder } from '../test/support/data-folder.js'
import { startProgram } from '../test/support/program.js'
import { startServer } from '../test/support/server.js'
import { diagnosticsOf } from './compile.js'
import { readSeedBlocks, replaceOnce } from './seed-blocks.js'

const repository = fileURLToPath(new URL('..', import.meta.url))

interface Folder extends AsyncDisposable {
  readonly path: string
}

/** A folder outside the repository, with these files, and links to parts of the repository. */
const makeFolder = async (
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>>,
): Promise<Folder> => {
  const path = await mkdtemp(join(tmpdir(), 'uzima-seed-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  for (const [name, target] of Object.entries(links)) {
    await symlink(join(repository, target), join(path, name))
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

describe('the code blocks of the seed', () => {
  it('compile under the flags of this project, where the seed puts them', async () => {
    const { client, broadcasting } = await readSeedBlocks()
    expect(
      diagnosticsOf({
        'src/seed-broadcasting.ts': broadcasting,
        'src/seed-user-id.d.ts': 'declare const userId: string\n',
      }),
    ).toEqual([])
    expect(diagnosticsOf({ 'src/seed-client.ts': client })).toEqual([])
    const javaScript = { allowJs: true, checkJs: true }
    expect(diagnosticsOf({ 'src/seed-client.js': client }, javaScript)).toEqual([])
  })

  it('would not compile were something wrong with them', async () => {
    const { client, broadcasting } = await readSeedBlocks()
    expect(diagnosticsOf({ 'src/seed-broadcasting.ts': broadcasting })).toEqual([
      "src/seed-broadcasting.ts:10: Cannot find name 'userId'.",
    ])
    const wrong = replaceOnce(client, 'socket.io-client', 'socket.io-clientele')
    expect(diagnosticsOf({ 'src/seed-client.ts': wrong })).not.toEqual([])
  })
})

describe('the client block of the seed', () => {
  const transports = [
    { name: 'with the defaults, which begin with polling', option: '' },
    { name: 'over WebSocket alone', option: "transports: ['websocket'],\n  " },
  ]
  it.each(transports)(
    'says who it is and prints the next change of stock, $name',
    async ({ option }) => {
      await using data = await makeDataFolder()
      await using server = await startServer({ dataDir: data.path })
      const token = await server.login()
      await server.api(token, 'POST', '/api/inventory', {
        sku: 'ORS-1',
        name: 'Oral rehydration salts',
      })
      const { client } = await readSeedBlocks()
      const withUrl = replaceOnce(client, 'http://localhost:3000', server.url)
      const withToken = replaceOnce(withUrl, 'your-jwt-token-here', token)
      await using folder = await makeFolder(
        { 'client.mjs': replaceOnce(withToken, 'auth: {', `${option}auth: {`) },
        { node_modules: 'node_modules' },
      )

      await using program = await startProgram([join(folder.path, 'client.mjs')])
      await program.says(/^Connected as: admin$/m)
      const lot = { lotNumber: 'A1', quantity: 40, expiryDate: '2099-12-31' }
      await server.api(token, 'POST', '/api/inventory/ORS-1/lots', lot)
      await program.says(/^Inventory updated: \{/m)
      // In any order: jsonb keeps none.
      for (const line of [/sku: 'ORS-1'/, /totalQuantity: 40/, /type: 'lot_added'/]) {
        await program.says(line)
      }
    },
  )
})

describe('the broadcasting block of the seed', () => {
  const BACKEND = `
    import { createServer } from 'node:http'
    import { initRealtime } from './services/realtime.service.js'

    globalThis.userId = 'u-1'
    const httpServer = createServer((request, response) => {
      import('./broadcasting.mjs').then(() => response.end(), (error) => response.end(error.stack))
    })
    initRealtime(httpServer, {
      verifyAccessToken: (token) => ({ userId: token }),
      findUser: (id) => ({ id, username: id, role: 'nurse' }),
    })
    httpServer.listen(0, '127.0.0.1', () => console.log('port', httpServer.address().port))
  `

  it('reaches everybody with the first message and one user with the second', async () => {
    const { broadcasting } = await readSeedBlocks()
    await using folder = await makeFolder(
      { 'backend.mjs': BACKEND, 'broadcasting.mjs': broadcasting },
      { services: 'dist/services' },
    )
    await using backend = await startProgram([join(folder.path, 'backend.mjs')])
    const [, port = ''] = await backend.says(/port (\d+)/)
    const url = `http://127.0.0.1:${port}`
    const received: Record<string, unknown[]> = { 'u-1': [], 'u-2': [] }
    const sockets = Object.entries(received).map(([token, messages]) => {
      const socket = io(url, { auth: { token }, transports: ['websocket'], forceNew: true })
      return socket.onAny((event, data) => messages.push([event, data]))
    })
    try {
      await expect
        .poll(() => received)
        .toMatchObject({
          'u-1': [['connected', { userId: 'u-1' }]],
          'u-2': [['connected', { userId: 'u-2' }]],
        })
      expect(await (await fetch(url)).text()).toBe('')
      const toAll = ['inventory:update', { item: 'medicine-x', quantity: 100 }]
      const toOne = ['private:notification', { message: 'This is a private message' }]
      await expect.poll(() => received['u-1']?.slice(1)).toEqual([toAll, toOne])
      await expect.poll(() => received['u-2']?.slice(1)).toEqual([toAll])
    } finally {
      for (const socket of sockets) socket.disconnect()
    }
  })
})

describe('the files that the seed names', () => {
  const files: Readonly<Record<string, readonly string[]>> = {
    'services/realtime.service': ['initRealtime', 'sendToAll', 'sendToUser', 'sendToRole'],
    'middleware/socketAuth': ['createSocketAuth'],
    'utils/websocketUtils': ['sendToUsers', 'sendToRoles', 'isUserConnected', 'getConnectedUsers'],
    'controllers/inventoryWsController': ['inventoryWsController'],
  }

  it.each(Object.entries(files))('%s is in src and, built, in dist', async (path, names) => {
    await access(join(repository, 'src', `${path}.ts`))
    const built = new URL(`../dist/${path}.js`, import.meta.url).href
    const module: unknown = await import(/* @vite-ignore */ built)
    for (const name of names) expect(module).toHaveProperty(name)
  })
})

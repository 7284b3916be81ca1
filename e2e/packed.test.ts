import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { builtinModules } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { publint } from 'publint'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { startProgram } from '../test/support/program.js'
import { installPacked, type PackedFolder, type PackedPackage } from './packed-folder.js'

const run = promisify(execFile)
const repository = fileURLToPath(new URL('..', import.meta.url))

/** Of each package what its user may find in it, and how much that may be, in bytes of the tarball. */
const PACKAGES = {
  'uzima-realtime': {
    files:
      /^(?:dist\/.+\.(?:js|d\.ts)|dist\/embedded-image\.gz|dist\/node_modules\/@uzima\/\w+\/package\.json|migrations\/\d{4}-[\w-]+\.sql|packages\/dashboard\/dist\/.+|docs\/(?:clinic|command-line|configuration|errors|logs|metrics|operations)\.md|ops\/[\w/-]+\.(?:json|yml|md))$/,
    // Seven of eight parts are the image of an empty database, which spares the first start its initdb.
    bytes: 6_500_000,
  },
  '@uzima/contracts': { files: /^dist\/[\w-]+\.(?:js|d\.ts)$/, bytes: 40_000 },
  '@uzima/client': { files: /^dist\/.+\.(?:js|d\.ts)$/, bytes: 120_000 },
}
const ALWAYS = /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|PROTOCOL\.md|SECURITY\.md)$/
const NEVER = /(?:^|\/)(?:src|test|e2e|scripts|benchmarks|examples)\/|\.test\.|\.map$/
const names = Object.keys(PACKAGES) as (keyof typeof PACKAGES)[]

/** In bytes: the client's door with everything behind it, which is what a page loads, and all there is beside that. */
const MAX_GZIPPED_BYTES = { door: 14_400, all: 16_400 }

let folder: PackedFolder

// What the cache does not have comes over the network.
beforeAll(async () => {
  folder = await installPacked()
}, 400_000)
afterAll(() => folder[Symbol.asyncDispose]())

const packageOf = (name: keyof typeof PACKAGES): PackedPackage => {
  const found = folder.packages.get(name)
  if (found === undefined) throw new Error(`${name} was not packed.`)
  return found
}

/** The names by which a package is imported. */
const entriesOf = ({ name, manifest }: PackedPackage): string[] =>
  Object.keys(manifest.exports).map((entry) => `${name}${entry.slice(1)}`)

/** The first example of the client's README, and what the README says that it prints. */
const readExample = async () => {
  const readme = await packageOf('@uzima/client').read('README.md')
  const [, code = '', prints = ''] = /```ts\n(.*?)```.*?prints `([^`]+)`/s.exec(readme) ?? []
  return { code, prints }
}

/** The example as JavaScript, for this server and its administrator. */
const exampleFor = (code: string, url: string, password: string): string => {
  const own = code
    .replace("'http://localhost:3000'", JSON.stringify(url))
    .replace(/'asha', 'a long password'|'admin', 'the printed password'/, `'admin', '${password}'`)
  expect(own).toContain(password)
  return ts.transpile(own, {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
  })
}

describe.each(names)('what npm packs of %s', (name) => {
  it('holds what its user needs and nothing else, and is small', () => {
    const { files, size } = packageOf(name)
    const paths = files.map(({ path }) => path)
    expect(paths.length).toBeGreaterThan(10)
    expect(
      paths.filter(
        (path) => NEVER.test(path) || !(ALWAYS.test(path) || PACKAGES[name].files.test(path)),
      ),
    ).toEqual([])
    expect(size).toBeLessThan(PACKAGES[name].bytes)
  })

  it('names each package that its code and its types import, or brings it', async () => {
    const { files, read, manifest } = packageOf(name)
    const known = new Set([
      ...builtinModules,
      ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
      ...files.flatMap(
        ({ path }) =>
          /^dist\/node_modules\/(@uzima\/\w+)\/package\.json$/.exec(path)?.slice(1) ?? [],
      ),
    ])
    const foreign: string[] = []
    for (const { path } of files.filter((file) => /^dist\/.+\.(?:js|ts)$/.test(file.path))) {
      const text = await read(path)
      expect(text, path).not.toContain('sourceMappingURL')
      for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
        if (fileName.startsWith('.') || fileName.startsWith('node:')) continue
        const [needed] = /^(?:@[^/]+\/)?[^/]+/.exec(fileName) ?? ['']
        if (!known.has(needed)) foreign.push(`${path}: ${fileName}`)
      }
    }
    expect(foreign).toEqual([])
  })

  it('passes publint', async () => {
    const { messages } = await publint({ pkgDir: packageOf(name).path, pack: false, strict: true })
    expect(messages).toEqual([])
  })

  it('can be imported by each of its names', async () => {
    const imports = entriesOf(packageOf(name)).map((entry) => `await import('${entry}')`)
    await run(process.execPath, ['--input-type=module', '-e', imports.join('; ')], {
      cwd: folder.path,
    })
  })
})

it.each(['NodeNext', 'Bundler'])(
  'the packages give their types to a strict compiler that looks into libraries too: %s',
  async (moduleResolution) => {
    const sources = {
      'example.ts': (await readExample()).code,
      'entries.ts': names
        .flatMap((name) => entriesOf(packageOf(name)))
        .map((entry, index) => `export * as entry${index.toString()} from '${entry}'`)
        .join('\n'),
      'client.ts': `
        import { RealtimeError, type Item, type Role } from '@uzima/client'
        export const left = (item: Item): number => item.usableQuantity - item.threshold
        export const role: Role = 'doctor'
        // @ts-expect-error There is no such role, so roles are not \`any\`.
        export const other: Role = 'nobody'
        // @ts-expect-error Items have no such member.
        export const wrong = (item: Item): unknown => item.colour
        export const isFinal = (error: unknown) => error instanceof RealtimeError && !error.retryable`,
      'server.ts': `
        import { createServer } from 'node:http'
        import { initRealtime, sendToUser } from 'uzima-realtime'
        import { itemSchema, type Item } from '@uzima/contracts'
        initRealtime(createServer(), {
          verifyAccessToken: (token) => ({ userId: token, expiresAt: new Date() }),
          findUser: () => undefined,
        })
        sendToUser('asha', 'shift:changed', { ward: 3 })
        // @ts-expect-error The id of a user is a text, so that parameters are not \`any\`.
        sendToUser(3, 'shift:changed', { ward: 3 })
        export const item: Item = itemSchema.parse({})
        // @ts-expect-error Nor are items.
        export const colour: unknown = item.colour`,
    }
    for (const [file, text] of Object.entries(sources)) {
      await writeFile(join(folder.path, file), text)
    }
    await writeFile(
      join(folder.path, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          noEmit: true,
          target: 'ES2022',
          module: moduleResolution === 'Bundler' ? 'ESNext' : 'NodeNext',
          moduleResolution,
          lib: ['ES2023', 'DOM', 'DOM.Iterable'],
          types: [],
        },
        files: Object.keys(sources),
      }),
    )
    const tsc = join(repository, 'node_modules/typescript/bin/tsc')
    const { stdout } = await run(process.execPath, [tsc, '-p', folder.path]).catch(
      (error: unknown) => error as { stdout: string },
    )
    expect(stdout).toBe('')
  },
)

it('npx uzima-realtime serves everything from an empty folder, to the client in Node and in a browser', async () => {
  const { code, prints } = await readExample()
  const help = await run('npx', ['--no', '--', 'uzima-realtime', '--help'], { cwd: folder.path })
  expect(help.stdout).toContain('run the server')

  await using page = await servePage(join(packageOf('@uzima/client').path, 'dist/browser.js'))
  // What npx runs, without npx: a shell between it and the server keeps signals to itself.
  await using server = await startProgram([], {
    command: join(folder.path, 'node_modules/.bin/uzima-realtime'),
    cwd: folder.path,
    env: { NODE_ENV: '', PORT: '0', CLIENT_URL: page.url, LOG_LEVEL: 'warn', DATA_DIR: '' },
  })
  const [, url = ''] = await server.says(/Uzima Realtime is at (\S+)/)
  const [, password = ''] = await server.says(/ admin +(\S+)\n[^]*patient/)
  expect(readdirSync(folder.path)).toContain('data')

  const shown = await fetch(url)
  expect({ status: shown.status, text: await shown.text() }).toMatchObject({
    status: 200,
    text: expect.stringContaining('/assets/') as string,
  })
  expect((await fetch(`${url}/docs`)).status).toBe(200)

  const example = exampleFor(code, url, password)
  await writeFile(join(folder.path, 'example.js'), example)
  await using program = await startProgram(['example.js'], { cwd: folder.path })
  await program.says(new RegExp(prints))

  const readme = await packageOf('uzima-realtime').read('README.md')
  const [listening = ''] = /(?<=```ts\n)import [^`]*'@uzima\/client'.*?(?=```)/s.exec(readme) ?? []
  await writeFile(join(folder.path, 'listening.js'), exampleFor(listening, url, password))
  await using listener = await startProgram(['listening.js'], { cwd: folder.path })
  await listener.says(/^\d{3} items$/m)

  page.example = example.replaceAll("'@uzima/client'", "'./browser.js'")
  await using browser = await launchBrowser()
  const tab = await browser.newPage()
  const said: string[] = []
  tab.on('console', (message) => said.push(message.text()))
  tab.on('pageerror', (error) => said.push(error.message))
  await tab.goto(page.url)
  await expect.poll(() => said.join('\n')).toContain(prints)
})

it.each(['door', 'all'] as const)(
  'the client is small, without what others bring: %s',
  async (what) => {
    const { manifest } = packageOf('@uzima/client')
    const all = Object.keys(manifest.exports)
      .filter((name) => name !== './browser')
      .map((name) => `export * from '@uzima/client${name.slice(1)}'`)
      .join('\n')
    const { outputFiles } = await build({
      stdin: {
        contents: what === 'all' ? all : `export { createUzimaClient } from '@uzima/client'`,
        resolveDir: folder.path,
      },
      bundle: true,
      minify: true,
      format: 'esm',
      external: [...Object.keys(manifest.dependencies), 'react'],
      write: false,
    })
    const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
    expect(bytes).toBeGreaterThan(1_000)
    expect(bytes).toBeLessThan(MAX_GZIPPED_BYTES[what])
  },
)

it('no schema is in what browsers load', async () => {
  const assets = join(repository, 'packages/dashboard/dist/assets')
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(0)
  for (const name of scripts) {
    expect(await readFile(join(assets, name), 'utf8'), name).not.toMatch(/\b_zod\b|ZodError/)
  }
})

interface Page extends AsyncDisposable {
  readonly url: string
  /** The module that the page loads. */
  example: string
}

/** Somebody's own page, at an origin of its own. */
const servePage = async (browserFile: string): Promise<Page> => {
  const server: Server = createServer((request, response) => {
    const send = (type: string, body: string | Buffer): void => {
      response.writeHead(200, { 'content-type': type }).end(body)
    }
    if (request.url === '/') send('text/html', '<script type="module" src="example.js"></script>')
    else if (request.url === '/example.js') send('text/javascript', page.example)
    else if (request.url === '/browser.js') {
      void readFile(browserFile).then((file) => {
        send('text/javascript', file)
      })
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const page: Page = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    example: '',
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return page
}

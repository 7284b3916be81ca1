import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../test/support/browser.js'
import { makeDataFolder } from '../test/support/data-folder.js'
import { startProgram } from '../test/support/program.js'
import { startServer, type RunningServer } from '../test/support/server.js'

const run = promisify(execFile)
const repository = fileURLToPath(new URL('..', import.meta.url))
/** In bytes: the door with everything behind it, which is what a page loads, and all there is beside that. */
const MAX_GZIPPED_BYTES = { door: 14_200, all: 16_200 }

/** A folder with nothing in it but what the packed client brings. */
let folder: string
let example: { readonly code: string; readonly prints: string }

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string }>>
  readonly dependencies: Readonly<Record<string, string>>
}
const manifest = async (): Promise<Manifest> =>
  JSON.parse(await readFile(join(installed(), 'package.json'), 'utf8')) as Manifest
const installed = (): string => join(folder, 'node_modules/@uzima/client')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-packed-'))
  const client = join(repository, 'packages/client')
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: client })
  const [tarball = ''] = readdirSync(folder)
  // Nothing of this asks a registry: the one package that the client needs, and the one that it can be used with, are
  // those of this repository. Any other would end the installation.
  const link = (name: string): string => `file:${join(repository, 'node_modules', name)}`
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      type: 'module',
      dependencies: { react: link('react') },
      overrides: { 'socket.io-client': link('socket.io-client') },
    }),
  )
  const cache = join(folder, 'npm-cache')
  await run('npm', ['install', '--offline', '--cache', cache, `./${tarball}`], { cwd: folder })
  example = readExample(await readFile(join(installed(), 'README.md'), 'utf8'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The first example of the README, and what the README says that it prints. */
const readExample = (readme: string) => {
  const [, code = '', prints = ''] = /```ts\n(.*?)```.*?prints `([^`]+)`/s.exec(readme) ?? []
  return { code, prints }
}

/** The example as JavaScript, for this server and its administrator. */
const exampleFor = ({ url, adminPassword }: RunningServer): string => {
  const code = example.code
    .replace("'http://localhost:3000'", JSON.stringify(url))
    .replace("'asha', 'a long password'", `'admin', ${JSON.stringify(adminPassword)}`)
  expect(code).toContain(adminPassword)
  return ts.transpile(code, {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
  })
}

describe('the packed client', () => {
  it('brings what its user needs, and needs nothing of ours', async () => {
    expect(
      readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
    ).toEqual(['@uzima', 'react', 'socket.io-client'])
    expect(readdirSync(join(folder, 'node_modules/@uzima'))).toEqual(['client'])
    expect(Object.keys((await manifest()).dependencies)).toEqual(['socket.io-client'])
    const files = readdirSync(installed(), { recursive: true, encoding: 'utf8' })
    const unexpected = files.filter(
      (name) =>
        !/^(?:package\.json|README\.md|LICENSE|dist|dist\/.+\.(?:js|d\.ts)|dist\/[\w/-]+)$/.test(
          name,
        ),
    )
    expect(unexpected).toEqual([])
    for (const name of files.filter((file) => /^dist\/.*\.(?:js|ts)$/.test(file))) {
      const text = await readFile(join(installed(), name), 'utf8')
      expect(text, name).not.toMatch(/@uzima\/contracts['"]|from ?['"]zod|\b_zod\b/)
    }
  })

  it('can be imported by each of its names', async () => {
    const names = Object.keys((await manifest()).exports).map(
      (name) => `@uzima/client${name.slice(1)}`,
    )
    expect(names.length).toBeGreaterThan(1)
    const imports = names.map((name) => `await import('${name}')`).join('; ')
    await run(process.execPath, ['--input-type=module', '-e', imports], { cwd: folder })
  })

  it.each(['NodeNext', 'Bundler'])(
    'gives its types to a strict compiler that looks into libraries too: %s',
    async (moduleResolution) => {
      await writeFile(join(folder, 'example.ts'), example.code)
      await writeFile(
        join(folder, 'tsconfig.json'),
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
          files: ['example.ts', 'item.ts'],
        }),
      )
      await writeFile(
        join(folder, 'item.ts'),
        `import { RealtimeError, type Item, type Role } from '@uzima/client'
         export const left = (item: Item): number => item.usableQuantity - item.threshold
         export const role: Role = 'doctor'
         // @ts-expect-error There is no such role, so roles are not \`any\`.
         export const other: Role = 'nobody'
         // @ts-expect-error Items have no such member.
         export const wrong = (item: Item): unknown => item.colour
         export const isFinal = (error: unknown) => error instanceof RealtimeError && !error.retryable`,
      )
      const tsc = join(repository, 'node_modules/typescript/bin/tsc')
      const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch(
        (error: unknown) => error as { stdout: string },
      )
      expect(stdout).toBe('')
    },
  )

  it('runs the example of its README in Node, and in a browser without a bundler', async () => {
    await using data = await makeDataFolder()
    await using page = await servePage()
    await using server = await startServer({
      dataDir: data.path,
      env: { CLIENT_URL: page.url },
    })
    const code = exampleFor(server)

    await writeFile(join(folder, 'example.js'), code)
    await using program = await startProgram([join(folder, 'example.js')])
    await program.says(new RegExp(example.prints))

    page.example = code.replaceAll("'@uzima/client'", "'./browser.js'")
    await using browser = await launchBrowser()
    const tab = await browser.newPage()
    const said: string[] = []
    tab.on('console', (message) => said.push(message.text()))
    tab.on('pageerror', (error) => said.push(error.message))
    await tab.goto(page.url)
    await expect.poll(() => said.join('\n')).toContain(example.prints)
  })

  it.each(['door', 'all'] as const)('is small, without what others bring: %s', async (what) => {
    const { exports, dependencies } = await manifest()
    const all = Object.keys(exports)
      .filter((name) => name !== './browser')
      .map((name) => `export * from '@uzima/client${name.slice(1)}'`)
      .join('\n')
    const { outputFiles } = await build({
      stdin: {
        contents: what === 'all' ? all : `export { createUzimaClient } from '@uzima/client'`,
        resolveDir: folder,
      },
      bundle: true,
      minify: true,
      format: 'esm',
      external: [...Object.keys(dependencies), 'react'],
      write: false,
    })
    const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
    expect(bytes).toBeGreaterThan(1_000)
    expect(bytes).toBeLessThan(MAX_GZIPPED_BYTES[what])
  })
})

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
const servePage = async (): Promise<Page> => {
  const server: Server = createServer((request, response) => {
    const send = (type: string, body: string | Buffer): void => {
      response.writeHead(200, { 'content-type': type }).end(body)
    }
    if (request.url === '/') send('text/html', '<script type="module" src="example.js"></script>')
    else if (request.url === '/example.js') send('text/javascript', page.example)
    else if (request.url === '/browser.js') {
      void readFile(join(installed(), 'dist/browser.js')).then((file) => {
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

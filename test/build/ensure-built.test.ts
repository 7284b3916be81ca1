import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url))

/** Compiles as the compiler does, file by file, and writes down that it ran; the other writes the page. */
const COMPILER = `
const fs = require('node:fs')
fs.appendFileSync('runs', 'x')
fs.mkdirSync('dist', { recursive: true })
for (const file of fs.readdirSync('src')) {
  const text = fs.readFileSync('src/' + file, 'utf8')
  if (text === 'wrong') process.exit(2)
  fs.writeFileSync('dist/' + file.replace('.ts', '.js'), text)
}
`
const BUNDLER = `
require('node:fs').mkdirSync('packages/dashboard/dist', { recursive: true })
require('node:fs').writeFileSync('packages/dashboard/dist/index.html', 'stock'.repeat(500))
require('node:fs').writeFileSync('packages/dashboard/dist/icon.svg', '<svg/>')
`

interface Tree extends AsyncDisposable {
  readonly write: (path: string, text: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  /** What is built of `src/main.ts`, or undefined. */
  readonly built: () => Promise<string | undefined>
  readonly bytes: (path: string) => Promise<Buffer>
  /** How often the compiler ran. */
  readonly builds: () => Promise<number>
  readonly ensureBuilt: (...args: string[]) => Promise<{ code: number; said: string }>
}

/** A small repository with our script, one source, and tools that write down that they ran. */
const createTree = async (): Promise<Tree> => {
  const root = await mkdtemp(join(tmpdir(), 'uzima-build-'))
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => undefined)
  for (const name of ['ensure-built.js', 'build']) {
    await cp(join(scripts, name), join(root, 'scripts', name), { recursive: true })
  }
  await write('package.json', '{ "type": "module", "dependencies": {} }')
  await write('node_modules/package.json', '{ "type": "commonjs" }')
  await write('node_modules/typescript/bin/tsc', COMPILER)
  await write('node_modules/vite/bin/vite.js', BUNDLER)
  // It makes the image of the first database, which nothing here asks for.
  await write('node_modules/tsx/dist/cli.mjs', '')
  for (const name of ['contracts', 'client', 'demo']) {
    const manifest = { name: `@uzima/${name}`, exports: { '.': { default: './dist/index.js' } } }
    await write(
      `packages/${name}/package.json`,
      JSON.stringify({ ...manifest, dependencies: { '@uzima/contracts': '0.1.0' } }),
    )
    await write(`packages/${name}/dist/index.js`, `export const name = '${name}'`)
  }
  await write('src/main.ts', 'first')
  return {
    write,
    remove: (path) => rm(join(root, path), { recursive: true }),
    built: () => read('dist/main.js'),
    bytes: (path) => readFile(join(root, path)),
    builds: async () => (await read('runs'))?.length ?? 0,
    ensureBuilt: (...args) =>
      new Promise((resolve) => {
        execFile(
          process.execPath,
          [join(root, 'scripts/ensure-built.js'), ...args],
          (error, _, said) => {
            resolve({ code: Number(error?.code ?? 0), said })
          },
        )
      }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}

it('brings the packages of ours that the server runs on, and refuses one that needs more than the server has', async () => {
  await using tree = await createTree()
  await tree.ensureBuilt()
  const brought = await tree.bytes('dist/node_modules/@uzima/client/dist/index.js')
  expect(brought.toString()).toContain('client')

  await tree.write(
    'packages/client/package.json',
    '{ "name": "@uzima/client", "exports": {}, "dependencies": { "zod": "4.6.7" } }',
  )
  const { code, said } = await tree.ensureBuilt()
  expect({ code, said }).toMatchObject({
    code: 1,
    said: expect.stringContaining('@uzima/client needs zod 4.6.7') as string,
  })
})

it('builds what is not built, says so, and is silent where nothing has changed', async () => {
  await using tree = await createTree()
  expect(await tree.ensureBuilt()).toEqual({
    code: 0,
    said: expect.stringMatching(/^Building .* there is no finished build yet.*\n$/),
  })
  expect(await tree.built()).toBe('first')
  expect(await tree.ensureBuilt()).toEqual({ code: 0, said: '' })
  expect(await tree.builds()).toBe(1)
})

it('builds again what came by `git pull`, be it a source, a library or a setting of the compiler', async () => {
  await using tree = await createTree()
  await tree.ensureBuilt()
  const paths = ['src/main.ts', 'package-lock.json', 'tsconfig.json', 'packages/client/src/a.ts']
  for (const [index, path] of paths.entries()) {
    await tree.write(path, 'second')
    expect((await tree.ensureBuilt()).said).toContain('the sources have changed')
    expect(await tree.builds()).toBe(index + 2)
  }
  expect(await tree.built()).toBe('second')
})

it('does not build for a test or a document, nor where a file is only newer', async () => {
  await using tree = await createTree()
  await tree.ensureBuilt()
  await tree.write('src/main.ts', 'first')
  await tree.write('packages/client/test/a.test.ts', 'new')
  await tree.write('README.md', 'new')
  expect((await tree.ensureBuilt()).said).toBe('')
})

it('makes good what was removed or changed behind its back', async () => {
  await using tree = await createTree()
  await tree.ensureBuilt()
  await tree.remove('dist/main.js')
  await tree.ensureBuilt()
  expect(await tree.built()).toBe('first')
  await tree.write('dist/main.js', 'foreign')
  expect((await tree.ensureBuilt()).said).toContain('built files were changed')
  expect(await tree.built()).toBe('first')
})

it('puts packed ones beside the files of the page that are worth it', async () => {
  await using tree = await createTree()
  await tree.ensureBuilt()
  const page = 'packages/dashboard/dist'
  const packed = await tree.bytes(`${page}/index.html.br`)
  expect(brotliDecompressSync(packed).toString()).toBe('stock'.repeat(500))
  expect(gunzipSync(await tree.bytes(`${page}/index.html.gz`)).toString()).toHaveLength(2_500)
  await expect(tree.bytes(`${page}/icon.svg.br`)).rejects.toThrow('ENOENT')
})

it('leaves nothing in the build of a source that is gone', async () => {
  await using tree = await createTree()
  await tree.write('src/old.ts', 'old')
  await tree.ensureBuilt()
  await tree.remove('src/old.ts')
  await tree.ensureBuilt()
  await expect(tree.remove('dist/old.js')).rejects.toThrow('ENOENT')
})

it('fails where the build fails, and at each later start until it succeeds', async () => {
  await using tree = await createTree()
  await tree.ensureBuilt()
  await tree.write('src/main.ts', 'wrong')
  expect(await tree.ensureBuilt()).toMatchObject({ code: 1 })
  expect(await tree.ensureBuilt()).toMatchObject({ code: 1 })
  await tree.write('src/main.ts', 'right')
  expect(await tree.ensureBuilt()).toMatchObject({ code: 0 })
  expect(await tree.built()).toBe('right')
})

it('builds once where five start at the same time, also after a builder was killed', async () => {
  await using tree = await createTree()
  // No process has this number: it is above the highest that Linux gives.
  await tree.write('.cache/build.lock', '4194305')
  const all = await Promise.all([1, 2, 3, 4, 5].map(() => tree.ensureBuilt()))
  expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
  expect(await tree.builds()).toBe(1)
  expect(await tree.built()).toBe('first')
})

it('says what to do where the tools are not installed: an installation goes on, a start does not', async () => {
  await using tree = await createTree()
  await tree.remove('node_modules/typescript')
  const said = expect.stringMatching(/^The build is left out, .*npm ci && npm run build.*\n$/)
  expect(await tree.ensureBuilt('--optional')).toEqual({ code: 0, said })
  expect(await tree.ensureBuilt()).toEqual({ code: 1, said })
})

it('takes a build that was brought without its sources', async () => {
  await using tree = await createTree()
  await tree.ensureBuilt()
  await tree.remove('src')
  await tree.remove('node_modules/typescript')
  expect(await tree.ensureBuilt()).toEqual({ code: 0, said: '' })
})

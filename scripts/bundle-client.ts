/**
 * Makes `packages/client/dist`, what its package consists of, from its sources and from the declarations that the compiler
 * has put into `dist-types`. It needs no other package of ours: what it takes of the contract is in it.
 *
 * Each entry of `exports` with a `source` becomes the file that is its `default`. `./browser` is for a page without a
 * bundler: one file, small, with everything in it. The others leave packages to whoever bundles, and share their parts.
 */
import { build, type BuildOptions } from 'esbuild'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { plainTypesOf } from './build/plain-types.js'

interface Manifest {
  readonly exports: Readonly<Record<string, Entry>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

interface Entry {
  readonly source: string
  readonly types: string
  readonly default: string
}

const root = fileURLToPath(new URL('../packages/', import.meta.url))
const client = join(root, 'client')
const dist = join(client, 'dist')
// package.json of our own; a wrong one fails below.
const manifest = JSON.parse(readFileSync(join(client, 'package.json'), 'utf8')) as Manifest
const WHOLE = './browser'

const entriesOf = (isWanted: (name: string) => boolean) =>
  Object.entries(manifest.exports)
    .filter(([name]) => isWanted(name))
    .map(([, entry]) => ({
      in: join(client, entry.source),
      out: relative('dist', entry.default).replace(/\.js$/, ''),
    }))

const common: BuildOptions = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  conditions: ['source'],
  outdir: dist,
  logLevel: 'warning',
}

rmSync(dist, { recursive: true, force: true })
await build({
  ...common,
  entryPoints: entriesOf((name) => name !== WHOLE),
  // One copy of what two entries use: an error of one is an instance of the other's class.
  splitting: true,
  chunkNames: 'shared-[hash]',
  external: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
})
await build({
  ...common,
  entryPoints: entriesOf((name) => name === WHOLE),
  minify: true,
  platform: 'browser',
  mainFields: ['browser', 'module', 'main'],
})

/** Puts the declarations of a module, and of what they name, beside its code. */
const declare = (name: string): void => {
  const target = join(dist, name)
  if (existsSync(target)) return
  const contracts = `./${relative(dirname(name), 'contracts.js')}`.replace('./../', '../')
  const text = readFileSync(join(client, 'dist-types', name), 'utf8').replaceAll(
    /(['"])@uzima\/contracts(?:\/values)?\1/g,
    `'${contracts}'`,
  )
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
  for (const [, path = ''] of text.matchAll(/(?:from |import\()['"](\.{1,2}\/[^'"]+)\.js['"]/g)) {
    declare(join(dirname(name), `${path}.d.ts`))
  }
}

writeFileSync(
  join(dist, 'contracts.d.ts'),
  plainTypesOf(join(root, 'contracts/src/index.ts'), join(root, 'contracts/src/values.ts')),
)
for (const { types } of Object.values(manifest.exports)) declare(relative('dist', types))

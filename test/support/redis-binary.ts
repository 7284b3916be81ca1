import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The Redis server to start and what its environment needs on top of ours. */
export interface RedisBinary {
  readonly command: string
  readonly env: NodeJS.ProcessEnv
}

const cacheDir = fileURLToPath(new URL('../../.cache/', import.meta.url))
const run = promisify(execFile)

/**
 * Finds a Redis server: `redis-server` or `valkey-server` on the PATH, else the copy in
 * `.cache/redis`, which is made from Debian's packages without root and without installing them.
 *
 * @throws with the commands that install Redis when there is none
 */
export const findRedis = async (): Promise<RedisBinary> => {
  const onPath = process.env['TEST_REDIS_BIN'] ?? firstOnPath(['redis-server', 'valkey-server'])
  if (onPath !== undefined) return { command: onPath, env: {} }
  const target = join(cacheDir, 'redis')
  try {
    if (!existsSync(target)) await unpackDebianPackages(target)
    return await unpacked(target)
  } catch (cause) {
    throw new Error(
      'Redis is missing: install it with `apt-get install redis-server` (Debian, Ubuntu) or ' +
        '`brew install redis` (macOS), or run `docker run -p 6379:6379 redis:7` and set ' +
        'TEST_REDIS_URL=redis://127.0.0.1:6379.',
      { cause },
    )
  }
}

const firstOnPath = (names: readonly string[]): string | undefined => {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file))
}

const unpackDebianPackages = async (target: string): Promise<void> => {
  await mkdir(cacheDir, { recursive: true })
  const work = await mkdtemp(join(cacheDir, 'redis-download-'))
  try {
    await download(work)
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', file, 'root'], { cwd: work })
    }
    const bin = join(work, 'root', 'usr', 'bin')
    // Debian ships the server under the name of its checking tools; it decides by its own name.
    await symlink('redis-check-rdb', join(bin, 'redis-server'))
    await rename(join(work, 'root'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error // else another run was faster, with the same packages
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Downloads with apt lists of our own, so that neither root nor a filled /var/lib/apt is needed. */
const download = async (work: string): Promise<void> => {
  await mkdir(join(work, 'lists', 'partial'), { recursive: true })
  await mkdir(join(work, 'archives', 'partial'), { recursive: true })
  const ownFolders = [
    ['Dir::State::lists', join(work, 'lists')],
    ['Dir::Cache', work],
    ['APT::Sandbox::User', ''],
    ['Acquire::Languages', 'none'],
  ].flatMap(([name, value]) => ['-o', `${String(name)}=${String(value)}`])
  await run('apt-get', [...ownFolders, '-q', 'update'], { cwd: work, timeout: 120_000 })
  const depends = await run('apt-cache', [...ownFolders, 'depends', 'redis-tools'], { cwd: work })
  const libraries = [...depends.stdout.matchAll(/^\s+Depends: (lib\S+)$/gm)]
    .map((match) => String(match[1]))
    .filter((name) => name !== 'libc6')
  await run('apt-get', [...ownFolders, '-q', 'download', 'redis-tools', ...libraries], {
    cwd: work,
    timeout: 120_000,
  })
}

const unpacked = async (root: string): Promise<RedisBinary> => {
  const libraries = await Promise.all(
    [join(root, 'usr', 'lib'), join(root, 'lib')].map(async (folder) => {
      const names = await readdir(folder).catch(() => [])
      return names.filter((name) => name.includes('-linux-')).map((name) => join(folder, name))
    }),
  )
  const command = join(root, 'usr', 'bin', 'redis-server')
  const env = { LD_LIBRARY_PATH: libraries.flat().join(delimiter) }
  await run(command, ['--version'], { env: { ...process.env, ...env }, cwd: dirname(command) })
  return { command, env }
}

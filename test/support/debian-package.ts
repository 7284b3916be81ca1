import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const cacheDir = fileURLToPath(new URL('../../.cache/', import.meta.url))
const run = promisify(execFile)

/**
 * Unpacks a package of Debian, with the libraries it names, into `.cache/<name>`, without root and without installing it;
 * resolves to that folder, which is made once. `finish` may change it before others see it.
 */
export const unpackDebianPackage = async (
  debianPackage: string,
  name: string,
  finish: (root: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> => {
  const target = join(cacheDir, name)
  if (existsSync(target)) return target
  await mkdir(cacheDir, { recursive: true })
  const work = await mkdtemp(join(cacheDir, `${name}-download-`))
  try {
    await download(debianPackage, work)
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', file, 'root'], { cwd: work })
    }
    await finish(join(work, 'root'))
    await rename(join(work, 'root'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error // else another run was faster, with the same packages
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return target
}

/** Downloads with apt lists of our own, so that neither root nor a filled /var/lib/apt is needed. */
const download = async (debianPackage: string, work: string): Promise<void> => {
  await mkdir(join(work, 'lists', 'partial'), { recursive: true })
  await mkdir(join(work, 'archives', 'partial'), { recursive: true })
  const ownFolders = [
    ['Dir::State::lists', join(work, 'lists')],
    ['Dir::Cache', work],
    ['APT::Sandbox::User', ''],
    ['Acquire::Languages', 'none'],
  ].flatMap(([name, value]) => ['-o', `${String(name)}=${String(value)}`])
  await run('apt-get', [...ownFolders, '-q', 'update'], { cwd: work, timeout: 120_000 })
  const depends = await run('apt-cache', [...ownFolders, 'depends', debianPackage], { cwd: work })
  const libraries = [...depends.stdout.matchAll(/^\s+Depends: (lib\S+)$/gm)]
    .map((match) => String(match[1]))
    .filter((name) => name !== 'libc6')
  await run('apt-get', [...ownFolders, '-q', 'download', debianPackage, ...libraries], {
    cwd: work,
    timeout: 120_000,
  })
}

/** What the environment of a program that was unpacked there needs on top of ours. */
export const librariesOf = async (root: string): Promise<Record<string, string>> => {
  const libraries = await Promise.all(
    [join(root, 'usr', 'lib'), join(root, 'lib')].map(async (folder) => {
      const names = await readdir(folder).catch(() => [])
      return names.filter((name) => name.includes('-linux-')).map((name) => join(folder, name))
    }),
  )
  return { LD_LIBRARY_PATH: libraries.flat().join(delimiter) }
}

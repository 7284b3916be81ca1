import { randomUUID } from 'node:crypto'
import { link, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { makeFolder } from './durable-files.js'
import { identityOf, isAlive, pidOf } from './process-identity.js'

export interface FolderLock {
  readonly release: () => Promise<void>
}

/** Another living process holds the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError'
}

/**
 * Takes the folder for this process alone, making it where it is missing, by a file `<folder>.lock` beside it (inside, it would be part of the
 * database). A lock whose process is gone is taken over; one of a living process never, however old it is.
 */
export const lockFolder = async (folder: string): Promise<FolderLock> => {
  await makeFolder(folder)
  // One folder, one lock, by whatever name it is opened.
  const path = `${await realpath(folder)}.lock`
  const draft = `${path}.${randomUUID()}`
  // Written aside and linked into place, so that nobody ever reads a lock without its holder in it.
  await writeFile(draft, await identityOf(process.pid))
  try {
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      if (await placed(draft, path)) return { release: () => rm(path, { force: true }) }
      const holder = await readFile(path, 'utf8').catch(() => '')
      if (holder !== '' && (await isAlive(holder))) {
        throw new FolderInUseError(
          `The data folder ${folder} is in use by process ${pidOf(holder).toString()}. ` +
            'Stop that process, or set DATA_DIR to another folder.',
        )
      }
      await removeStale(path, holder)
    }
    throw new FolderInUseError(
      `Several processes are opening the data folder ${folder}. Start one.`,
    )
  } finally {
    await rm(draft, { force: true })
  }
}

const placed = async (draft: string, path: string): Promise<boolean> => {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Two starters may find the same dead lock; the second must not remove the lock that the first has just placed. */
const removeStale = async (path: string, expected: string): Promise<void> => {
  const aside = `${path}.stale.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch {
    return
  }
  if ((await readFile(aside, 'utf8')) !== expected) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

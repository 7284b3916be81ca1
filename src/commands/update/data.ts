import { execFile } from 'node:child_process'
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasStore } from '../../storage/backup.js'
import { syncPath } from '../../storage/durable-files.js'
import { FolderInUseError, lockFolder } from '../../storage/folder-lock.js'

const run = promisify(execFile)

const LOOK_EVERY_MS = 500
const FREE_WITHIN_MS = 120_000

/** The data while no server runs, by the commands of one version: each a process of its own, whose memory is given back. */
export interface Data {
  /** Waits until nobody has it open: who was killed may have left a command that still works on it. */
  readonly waitUntilFree: () => Promise<void>
  /** Whether there is a database at all. */
  readonly exists: () => Promise<boolean>
  readonly copyTo: (folder: string) => Promise<void>
  /** Whether this version can work with the data as it is; a newer version may have changed the schema, or worse. */
  readonly fits: () => Promise<boolean>
  /** Whether `replaceBy` has begun with this name. */
  readonly isSetAside: (setAside: string) => Promise<boolean>
  /** Puts a copy in place of the data, which stays as `setAside`. Repeated after a power cut, it goes on where it was. */
  readonly replaceBy: (copy: string, setAside: string) => Promise<void>
}

export const createData = (dataDir: string, cli: string): Data => {
  const store = join(dataDir, 'pglite')
  const uzima = async (...args: readonly string[]): Promise<void> => {
    await run(process.execPath, [cli, ...args]).catch((error: unknown) => {
      throw new Error(sayingOf(error), { cause: error })
    })
  }
  const isSetAside = async (setAside: string): Promise<boolean> =>
    (await stat(setAside).catch(() => undefined)) !== undefined
  return {
    waitUntilFree: async () => {
      const deadline = Date.now() + FREE_WITHIN_MS
      for (;;) {
        try {
          const lock = await lockFolder(store)
          await lock.release()
          return
        } catch (error) {
          if (!(error instanceof FolderInUseError) || Date.now() > deadline) throw error
          await delay(LOOK_EVERY_MS)
        }
      }
    },
    exists: () => hasStore(dataDir),
    copyTo: (folder) => uzima('backup', folder),
    fits: () =>
      uzima('log', 'head').then(
        () => true,
        () => false,
      ),
    isSetAside,
    replaceBy: async (copy, setAside) => {
      if (!(await isSetAside(setAside))) {
        await rename(store, setAside)
        await syncPath(dataDir, 'folder')
      }
      if (await hasStore(dataDir)) return
      // Whoever waited for the lock has made it; it is empty.
      await rm(store, { recursive: true, force: true })
      await uzima('restore', copy)
    },
  }
}

/** What a command said is wrong, without its command line. */
const sayingOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  return said === '' ? error.message : said.replace(/^error: /, '')
}

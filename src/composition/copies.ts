import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  copyName,
  makeCopiesFolder,
  newestCopy,
  readCopies,
  removeOldCopies,
} from '../storage/kept-copies.js'
import type { Base } from './base.js'
import { repeat } from './repeat.js'

/** How often the newest is looked at, and how soon a copy that failed is tried again; no more than the period itself. */
const LOOK_EVERY_MS = 10 * 60_000
/** A disk that hangs holds nobody for longer. */
const COPY_LIMIT_MS = 3_600_000
const LOW_PRIORITY = 10

const run = promisify(execFile)

/**
 * Keeps copies of the embedded database in BACKUP_DIR: at once where there is none, and whenever the newest is BACKUP_EVERY old;
 * a start neither repeats nor forgets one. Does nothing where the setting is left out.
 */
export const keepCopies = ({ config, logger, metrics, releases }: Base): void => {
  const { backupDir: folder, backupEveryMs, backupKeep, dataDir } = config
  if (folder === undefined) return
  const stopping = new AbortController()
  let newest: Date | undefined
  metrics.beforeScrape(() => {
    const at = newest?.getTime() ?? -Infinity
    metrics.copyAge.set(Math.max(Date.now() - at, 0) / 1_000)
  })

  const look = async (): Promise<void> => {
    try {
      const now = new Date()
      await makeCopiesFolder(folder)
      newest = newestCopy(await readCopies(folder, now), now)
      if (newest !== undefined && now.getTime() - newest.getTime() < backupEveryMs) return
      await copyTo(join(folder, copyName(now)), dataDir, stopping.signal)
      newest = now
      logger.info({ copy: copyName(now) }, 'A copy of the data was made')
      await removeOldCopies(folder, backupKeep, now)
    } catch (error) {
      if (stopping.signal.aborted) return
      logger.error(
        { folder, reason: reasonOf(error) },
        'Copies of the data are not kept as BACKUP_DIR says; it is tried again. Look at that folder and its disk; uzima doctor says more',
      )
    }
  }

  const looks = repeat(look, Math.min(backupEveryMs, LOOK_EVERY_MS))
  looks.now()
  releases.add('copies', () => {
    stopping.abort()
    return looks.stop()
  })
}

/**
 * Runs `uzima backup` as a process of its own: to open a copy and read all of it holds a thread for seconds, and its memory is
 * given back when it ends.
 */
const copyTo = async (target: string, dataDir: string, signal: AbortSignal): Promise<void> => {
  // Beside this file built or as TypeScript, whatever this process was started with.
  const cli = fileURLToPath(new URL(`../cli${extname(import.meta.url)}`, import.meta.url))
  const copying = run(process.execPath, [...process.execArgv, cli, 'backup', target], {
    // The secrets of the server are none of its business.
    env: { DATA_DIR: dataDir },
    signal,
    timeout: COPY_LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  try {
    // People at the page come first.
    if (copying.child.pid !== undefined) setPriority(copying.child.pid, LOW_PRIORITY)
    await copying
  } finally {
    // A process that was killed leaves it.
    await rm(`${target}.new`, { recursive: true, force: true })
  }
}

/** What `uzima backup` said; its command line is of no use to anybody. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if ('killed' in error && error.killed === true) return 'A copy was not ready within an hour.'
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  return said === '' ? error.message : said.replace(/^error: /, '')
}

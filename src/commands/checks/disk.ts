import { access, constants, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../../config/schema.js'
import { explainFolderError } from '../../config/start-errors.js'
import { inspectFolder } from '../../storage/embedded/inspect-folder.js'
import { bytesIn } from '../../storage/folder-size.js'
import { freeBytes, KEEP_FREE_BYTES } from '../../storage/free-space.js'
import { readRunningServer } from '../../storage/running-server.js'
import { fail, ok, sizeOf, warn, type Finding } from './finding.js'

/** Below it a disk is to be looked at, though all works. */
const LITTLE_BYTES = 1_073_741_824
const FEW_DAYS = 60
const DAY_MS = 86_400_000
/** What a database without rows takes; the rest has grown. */
const EMPTY_BYTES = 64 * 1_048_576

/** The disk of DATA_DIR: whether it can be written, what is free, and for how long. */
export const checkDisk = async (config: Config): Promise<Finding[]> => {
  const folder = await existing(config.dataDir)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw explainFolderError(error, config.dataDir)
  })
  const free = await freeBytes(folder)
  if (free === undefined)
    return [ok('disk', 'the file system of DATA_DIR does not tell how much is free')]
  const told = `${sizeOf(free)} free on the disk of DATA_DIR`
  if (config.databaseUrl !== undefined) {
    return [free < KEEP_FREE_BYTES ? warn('disk', `${told}. Free some space.`) : ok('disk', told)]
  }
  if (free < KEEP_FREE_BYTES) {
    return [
      fail(
        'disk',
        `DATA_DIR: ${told}, and below ${sizeOf(KEEP_FREE_BYTES)} nothing is written. Free some space, or move DATA_DIR to another disk.`,
      ),
    ]
  }
  const growth = await growthOf(join(config.dataDir, 'pglite'))
  const days = growth === undefined ? Infinity : Math.floor(free / growth)
  const until =
    growth === undefined
      ? ''
      : `; the data grows by ${sizeOf(growth)} a day, so that it is full in ${days.toString()} days`
  return [
    free < LITTLE_BYTES || days < FEW_DAYS
      ? warn('disk', `${told}${until}. Free some space before that.`)
      : ok('disk', `${told}${until}`),
  ]
}

/** The embedded database where no server has it: whether its files are whole. It is not opened, which would write. */
export const checkEmbedded = async (config: Config): Promise<Finding[]> => {
  if (config.databaseUrl !== undefined) return []
  if ((await readRunningServer(config.dataDir)) !== undefined) {
    return [ok('database', 'embedded, in use by the server')]
  }
  const folder = join(config.dataDir, 'pglite')
  const names = await readdir(folder).catch(() => [])
  if (names.length === 0) return [ok('database', 'embedded; the first start makes it')]
  await inspectFolder(folder)
  return [
    ok('database', `embedded, in ${folder}, its files are whole; a start reads schema and log`),
  ]
}

/** The folder itself, or the one in which a start would make it. */
const existing = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined || path === dirname(path)) return path
  return existing(dirname(path))
}

/** Bytes a day since the database was made; undefined where a day is not over, or nothing has grown. */
const growthOf = async (folder: string): Promise<number | undefined> => {
  const made = await stat(join(folder, 'PG_VERSION')).catch(() => undefined)
  if (made === undefined) return undefined
  const days = (Date.now() - made.mtimeMs) / DAY_MS
  const grown = (await bytesIn(folder)) - EMPTY_BYTES
  return days < 1 || grown <= 0 ? undefined : grown / days
}

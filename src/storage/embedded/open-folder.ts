import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createFolder } from './create-folder.js'
import { createDurableFs } from './durable-fs.js'
import { syncTree } from '../durable-files.js'
import { DataFolderError, inspectFolder } from './inspect-folder.js'

/** What makes a COMMIT wait for the disk, also where the settings in the folder were edited. */
const DURABLE = [
  'fsync=on',
  // The default, fdatasync, is one that Emscripten answers without doing anything.
  'wal_sync_method=fsync',
  'full_page_writes=on',
  'synchronous_commit=on',
].flatMap((setting) => ['-c', setting])

// -F turns fsync off.
const START_PARAMS = [...PGlite.defaultStartParams.filter((param) => param !== '-F'), ...DURABLE]

const MAX_LINES = 100

/**
 * Opens the database in `dataDir`, and makes it where the folder is empty. The caller holds the lock of the folder. Throws
 * `DataFolderError` where what is there is damaged, or no database of this program.
 */
export const openFolder = async (
  dataDir: string,
  parsers: NonNullable<PGliteOptions['parsers']>,
): Promise<PGlite> => {
  const folder = await realpath(dataDir)
  await createFolder(folder)
  await inspectFolder(folder)
  // PostgreSQL refuses to start beside an empty one, as a power cut leaves it. Who is alone here is for the lock to say.
  await rm(join(folder, 'postmaster.pid'), { force: true })
  // A folder that was copied here, or written by an earlier version, may be in memory only, and PostgreSQL trusts it.
  await syncTree(folder)
  const said: string[] = []
  try {
    return await PGlite.create({
      fs: createDurableFs(folder),
      startParams: START_PARAMS,
      parsers,
      onStderr: (line) => {
        // Later it is told of each failed statement.
        if (said.length < MAX_LINES) said.push(line)
        return false
      },
    })
  } catch (error) {
    const reason = lastWords(said, folder) ?? String(error)
    throw new DataFolderError(
      `The database in ${folder} cannot be opened; PostgreSQL says: ${reason}. Make a copy of the folder before you try ` +
        'to mend it, restore it from a backup, or set DATA_DIR to another folder to begin with an empty database.',
      { cause: error },
    )
  }
}

/** PGlite throws "Aborted()" for whatever is wrong; what PostgreSQL wrote before has the reason. */
const lastWords = (lines: readonly string[], folder: string): string | undefined => {
  const words = lines.flatMap((line) => {
    const word = /(?:LOG|FATAL|PANIC|DETAIL): {2}(.*)/.exec(line)?.[1]
    return word === undefined ? [] : [word.replaceAll(PGlite.paths.PGDATA, folder)]
  })
  return words.length === 0 ? undefined : words.slice(-2).join('; ').replace(/\.$/, '')
}

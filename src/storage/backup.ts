import { mkdir, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { explainFolderError, StartError } from '../config/start-errors.js'
import type { Database } from './database.js'
import { syncPath } from './durable-files.js'
import { copyFolder } from './embedded/copy-folder.js'
import { bytesIn } from './folder-size.js'
import { lockFolder } from './folder-lock.js'
import { createPglite } from './pglite.js'
import { digestTable, listTables } from './tables.js'

/** What is in a copy, as read from it row by row. */
export interface CopyReport {
  readonly rows: number
  /** Number of the newest entry of the log. */
  readonly seq: number
  readonly bytes: number
}

const STORE = 'pglite'
// What the store itself wants to be left.
const SPARE_BYTES = 64 * 1_048_576

/**
 * Copies the embedded store of `dataDir`, which a server may be using, into the new folder `target`, from which `restoreStore`
 * or a server with it as `DATA_DIR` begins. The copy is opened and read as a whole before it gets its name: whatever ends this
 * process, `target` is whole or missing. Throws an `Error` that says what to do.
 */
export const backUpStore = async (
  dataDir: string,
  target: string,
  onHung: (error: Error) => void,
): Promise<CopyReport> => {
  const path = resolve(target)
  const store = resolve(dataDir, STORE)
  if (!relative(store, path).startsWith('..')) {
    throw new StartError(`${target} is inside of the database itself. Name a folder elsewhere.`)
  }
  if (await isThere(path)) {
    throw new StartError(`${target} is there already. Name a new folder for each copy.`)
  }
  const bytes = await sizeOf(store)
  const draft = `${path}.new`
  try {
    await mkdir(dirname(path), { recursive: true })
    await rm(draft, { recursive: true, force: true })
    await expectRoom(dirname(path), bytes)
    await mkdir(draft, { mode: 0o700 })
    await copyFolder(store, join(draft, STORE))
    const report = await read(join(draft, STORE), onHung)
    await rename(draft, path)
    await syncPath(dirname(path), 'folder')
    return { ...report, bytes: await sizeOf(join(path, STORE)) }
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

/**
 * Puts a copy into `dataDir`, which has no database yet, and gives its log a new name: clients that have seen more than the
 * copy read everything anew. Whatever ends this process, `dataDir` has the whole of it or nothing.
 */
export const restoreStore = async (
  source: string,
  dataDir: string,
  onHung: (error: Error) => void,
): Promise<CopyReport> => {
  const folder = join(dataDir, STORE)
  const lock = await lockFolder(folder).catch((error: unknown) => {
    throw explainFolderError(error, dataDir)
  })
  const draft = `${folder}.new`
  try {
    if ((await readdir(folder)).length > 0) {
      throw new StartError(
        `DATA_DIR: ${dataDir} has a database already. Move its folder ${STORE} away, or set DATA_DIR to another folder.`,
      )
    }
    const bytes = await sizeOf(join(source, STORE))
    await rm(draft, { recursive: true, force: true })
    await expectRoom(dataDir, bytes)
    await copyFolder(join(source, STORE), draft)
    const report = await read(draft, onHung, async (database) => {
      await database.query('select start_new_epoch()')
    })
    // Windows gives no folder the name of another, even of an empty one.
    await rmdir(folder)
    await rename(draft, folder)
    await syncPath(dataDir, 'folder')
    return { ...report, bytes }
  } finally {
    await rm(draft, { recursive: true, force: true })
    await lock.release()
  }
}

/** Opens the copy, which recovers it, and reads all that is in it. */
const read = async (
  folder: string,
  onHung: (error: Error) => void,
  before: (database: Database) => Promise<void> = () => Promise.resolve(),
): Promise<Omit<CopyReport, 'bytes'>> => {
  const database = await createPglite({ dataDir: folder, onHung })
  try {
    await before(database)
    let rows = 0
    for (const table of await listTables(database))
      rows += (await digestTable(database, table)).rows
    const [head] = await database.query<{ seq: number }>('select seq from log_head')
    return { rows, seq: head?.seq ?? 0 }
  } finally {
    await database.close()
  }
}

/** Whether `dataDir` holds an embedded database. */
export const hasStore = (dataDir: string): Promise<boolean> =>
  isThere(join(dataDir, STORE, 'PG_VERSION'))

const isThere = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined

const expectRoom = async (folder: string, bytes: number): Promise<void> => {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= bytes + SPARE_BYTES) return
  const needed = Math.ceil((bytes + SPARE_BYTES) / 1_048_576)
  throw new StartError(
    `The disk of ${folder} has no room for a copy: ${needed.toString()} MiB are needed. Free some, or name a folder on another disk.`,
  )
}

/** 0 where there is nothing: `copyFolder` has the words for it. */
const sizeOf = (folder: string): Promise<number> => bytesIn(folder).catch(() => 0)

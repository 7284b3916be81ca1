import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readControlFile } from './control-file.js'

/** What is in the data folder is no database that this program can open; the message says what is wrong and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
}

// Of the PostgreSQL in PGlite 0.5.
const MAJOR_VERSION = '18'
// PostgreSQL makes none of them anew; archives and copies like to leave the empty ones out.
const FOLDERS =
  'base global pg_commit_ts pg_dynshmem pg_logical pg_multixact pg_notify pg_replslot pg_serial pg_snapshots pg_stat ' +
  'pg_stat_tmp pg_subtrans pg_tblspc pg_twophase pg_wal pg_xact'
const SEGMENT_NAME = /^[0-9A-F]{24}$/

/** Throws `DataFolderError` where `path`, or what should hold it, is there and is no folder. */
export const expectFolder = async (path: string): Promise<void> => {
  for (const folder of [dirname(path), path]) {
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory() === false) {
      throw new DataFolderError(
        `${folder} is a file, and the database needs a folder of this name. Move the file away, or set DATA_DIR to another folder.`,
      )
    }
  }
}

/**
 * Throws `DataFolderError` where the folder, which is not empty, holds no whole database of this program's version. It only
 * reads: PostgreSQL itself changes files before it finds out, and its last word then is "Aborted()".
 */
export const inspectFolder = async (folder: string): Promise<void> => {
  const names = new Set(await readdir(folder))
  if (!names.has('PG_VERSION')) {
    if (names.has('global') || names.has('base') || names.has('pg_wal')) {
      throw damaged(folder, 'PG_VERSION is missing')
    }
    throw new DataFolderError(
      `The folder ${folder} holds something else (${[...names].slice(0, 3).join(', ')}) and no database. ` +
        'Set DATA_DIR to an empty folder, or to the one that holds the data.',
    )
  }
  const version = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim()
  if (!/^\d+$/.test(version)) throw damaged(folder, 'PG_VERSION tells no version')
  if (version !== MAJOR_VERSION) throw ofAnotherVersion(folder, version)

  const missing = FOLDERS.split(' ').filter((name) => !names.has(name))
  if (missing.length > 0) throw damaged(folder, `${missing.join(', ')} is missing`)
  const control = await readControlFile(join(folder, 'global', 'pg_control'))
  if (typeof control === 'string') throw damaged(folder, `global/pg_control ${control}`)
  await expectSegments(folder, control.segments, control.segmentBytes)
}

const damaged = (folder: string, what: string): DataFolderError =>
  new DataFolderError(
    `The database in ${folder} is damaged: ${what}. Nothing in it was changed. Restore the folder from a backup, or ` +
      'set DATA_DIR to another folder to begin with an empty database.',
  )

const ofAnotherVersion = (folder: string, version: string): DataFolderError =>
  new DataFolderError(
    `The database in ${folder} is of PostgreSQL ${version}, and this program has PostgreSQL ${MAJOR_VERSION}. Nothing in it ` +
      'was changed. Open it with the version of the program that made it, or set DATA_DIR to another folder.',
  )

/** The log must hold what recovery begins with; where a later piece of it is short, recovery would stop there in silence. */
const expectSegments = async (
  folder: string,
  needed: readonly string[],
  bytes: number,
): Promise<void> => {
  const names = (await readdir(join(folder, 'pg_wal'))).filter((name) => SEGMENT_NAME.test(name))
  for (const name of needed) {
    if (!names.includes(name)) throw damaged(folder, `pg_wal/${name} is missing`)
  }
  for (const name of names) {
    const { size } = await stat(join(folder, 'pg_wal', name))
    if (size !== bytes) {
      throw damaged(
        folder,
        `pg_wal/${name} has ${size.toString()} bytes instead of ${bytes.toString()}`,
      )
    }
  }
}

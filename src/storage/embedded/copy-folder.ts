import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, syncTree } from '../durable-files.js'
import { DataFolderError } from './inspect-folder.js'

const CONTROL = join('global', 'pg_control')
const LOG = 'pg_wal'
/** Of a running process, or made anew: what they say of the original is not true of the copy. */
const LEFT_OUT = /^(?:postmaster\.(?:pid|opts)|pg_internal\.init|pgsql_tmp.*|xlogtemp\..*)$/
const AT_ONCE = 16

/**
 * Copies the folder of an embedded database, which another process may be writing, so that PostgreSQL recovers the copy to one
 * moment: everything acknowledged before the call is in it. `copy` must not exist; it is on the disk when this resolves.
 * Throws `DataFolderError` where the original is none, or where a checkpoint came into each of `maxTries` (10).
 *
 * It is what a base backup does, without a word to the server. `pg_control` says where recovery begins, so it is read before
 * all else; the write-ahead log is copied last, and no page is on the disk before the log of its change; pages that were copied
 * while they were written are in the log as a whole (`full_page_writes`). Recovery needs all of the log from there on, and only
 * a checkpoint takes some of it away. That changes `pg_control`: where it is another one at the end, all begins again.
 */
export const copyFolder = async (folder: string, copy: string, maxTries = 10): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    const control = await readControl(folder)
    await mkdir(copy, { mode: 0o700 })
    await copyTree(folder, copy, (name) => name !== LOG && name !== CONTROL)
    await mkdir(join(copy, LOG), { mode: 0o700 })
    await copyTree(join(folder, LOG), join(copy, LOG), () => true)
    if (control.equals(await readControl(folder))) {
      await writeFile(join(copy, CONTROL), control, { mode: 0o600 })
      await syncTree(copy)
      return
    }
    await rm(copy, { recursive: true })
    if (tries === maxTries) {
      throw new DataFolderError(
        `The database in ${folder} is written faster than it can be copied. Try again when less is going on, or stop the server meanwhile.`,
      )
    }
  }
}

const readControl = async (folder: string): Promise<Buffer> => {
  try {
    return await readFile(join(folder, CONTROL))
  } catch (cause) {
    throw new DataFolderError(
      `There is no database in ${folder}. DATA_DIR names the folder that holds it.`,
      { cause },
    )
  }
}

/** Copies what is in the folder, `wants` being asked with each path below `from`. */
const copyTree = async (
  from: string,
  to: string,
  wants: (path: string) => boolean,
): Promise<void> => {
  const files: string[] = []
  const look = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(from, below), { withFileTypes: true })) {
      const path = join(below, entry.name)
      if (LEFT_OUT.test(entry.name) || !wants(path)) continue
      if (entry.isDirectory()) {
        await mkdir(join(to, path), { mode: 0o700 })
        await look(path)
      } else files.push(path)
    }
  }
  await look('')
  const waiting = files.values()
  // A thousand small files: the sooner they are read, the fewer checkpoints come between.
  const worker = async (): Promise<void> => {
    for (const path of waiting) await copyIfThere(join(from, path), join(to, path))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const copyIfThere = async (from: string, to: string): Promise<void> => {
  try {
    // Shares the blocks where the file system can.
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  } catch (error) {
    // Tables go while it works; recovery takes them away in the copy, too.
    if (!isMissing(error)) throw error
  }
}

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const run = promisify(execFile)

/** A `DATA_DIR` of one test, gone after `await using`. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string
}

/** Makes a folder with a migrated embedded store in it: a server starts on it four times as fast as on an empty one. */
export const makeDataFolder = async (): Promise<DataFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'uzima-data-'))
  await fillDataFolder(path)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Puts a migrated embedded store into the empty `DATA_DIR`. */
export const fillDataFolder = async (dataDir: string): Promise<void> => {
  const image = inject('pgliteImage')
  if (image === undefined) throw new Error('This project has no pgliteImage.')
  const store = join(dataDir, 'pglite')
  await mkdir(store)
  await run('tar', ['-xf', image, '-C', store])
}

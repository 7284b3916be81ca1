import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncPath, syncTree } from '../durable-files.js'
import { BUILT_IMAGE, writeNewDatabase } from './image.js'
import { DataFolderError } from './inspect-folder.js'

/**
 * Makes a database of `folder` where it is empty. It is made beside it, as `<folder>.new`, and gets its name once all of it is
 * on the disk: whatever ends this process, or the power, `folder` is empty or whole. The caller holds the lock of `folder`,
 * so that a `<folder>.new` found here is nobody's.
 */
export const createFolder = async (folder: string, image: URL = BUILT_IMAGE): Promise<void> => {
  const draft = `${folder}.new`
  await rm(draft, { recursive: true, force: true })
  if ((await readdir(folder)).length > 0) return
  await mkdir(draft, { mode: 0o700 })
  await writeNewDatabase(draft, image)
  await syncTree(draft)
  // Windows gives no folder the name of another, even of an empty one.
  await rmdir(folder).catch(async (cause: unknown) => {
    await rm(draft, { recursive: true })
    throw new DataFolderError(
      `The folder ${folder} cannot be replaced. Where a disk or a volume is mounted on it, mount that one level higher, on DATA_DIR.`,
      { cause },
    )
  })
  await rename(draft, folder)
  await syncPath(dirname(folder), 'folder')
}

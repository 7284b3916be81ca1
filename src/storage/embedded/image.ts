import { PGlite } from '@electric-sql/pglite'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { gunzip, gzip } from 'node:zlib'

/** A new, empty database as PGlite's `initdb` makes it: copying it takes a tenth of the time. */
interface Image {
  /** The version that made it, since another may lay its files out differently. */
  readonly pglite: string
  readonly folders: readonly string[]
  readonly files: readonly (readonly [path: string, content: Uint8Array])[]
}

/** Where the build puts the image; seen from `src` and from `dist` it is the same file. */
export const BUILT_IMAGE = new URL('../../../dist/embedded-image.gz', import.meta.url)

/**
 * Writes the image of a new database to `file`, unless one of this PGlite is there. It holds no schema: what must be of
 * each folder alone (the epoch of the log) is made when the folder is migrated. What `initdb` itself makes at random,
 * the system identifier, is the same in all copies; nothing here goes by it.
 */
export const makeImage = async (file: URL = BUILT_IMAGE): Promise<void> => {
  if ((await readImage(file)) !== undefined) return
  const scratch = await mkdtemp(join(tmpdir(), 'uzima-image-'))
  try {
    await runInitdb(scratch)
    const path = fileURLToPath(file)
    await mkdir(dirname(path), { recursive: true })
    const draft = `${path}.${process.pid.toString()}`
    await writeFile(draft, await promisify(gzip)(serialize(await imageOf(scratch))))
    await rename(draft, path)
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** Writes the files of a new database into `folder`, from the image where there is one that fits, else by `initdb`. */
export const writeNewDatabase = async (folder: string, file: URL): Promise<void> => {
  const image = await readImage(file)
  if (image === undefined) {
    await runInitdb(folder)
    return
  }
  for (const name of image.folders) await mkdir(join(folder, name), { mode: 0o700 })
  for (const [name, content] of image.files) {
    await writeFile(join(folder, name), content, { mode: 0o600 })
  }
}

/** Where nothing is to be read, or what is there is of another version or cut short, the slow way still works. */
const readImage = async (file: URL): Promise<Image | undefined> => {
  try {
    // Written by `makeImage`; gzip's checksum tells whether all of it is there.
    const image = deserialize(await promisify(gunzip)(await readFile(file))) as Image
    return image.pglite === (await pgliteVersion()) ? image : undefined
  } catch {
    return undefined
  }
}

const imageOf = async (folder: string): Promise<Image> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = (isFolder: boolean): string[] =>
    entries
      .filter((entry) => entry.isDirectory() === isFolder)
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort()
  return {
    pglite: await pgliteVersion(),
    folders: paths(true),
    files: await Promise.all(
      paths(false).map(async (path) => [path, await readFile(join(folder, path))] as const),
    ),
  }
}

/** Leaves a database that was shut down, so that no copy of it has anything to recover. */
const runInitdb = async (folder: string): Promise<void> => {
  const pglite = await PGlite.create(folder)
  await pglite.close()
}

const pgliteVersion = async (): Promise<string> => {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const text = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8')
  // Each package has a version.
  return (JSON.parse(text) as { version: string }).version
}

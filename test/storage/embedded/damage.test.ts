import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFolder } from '../../../src/storage/embedded/create-folder.js'
import { DataFolderError } from '../../../src/storage/embedded/inspect-folder.js'
import { createPglite } from '../../../src/storage/pglite.js'

let shared: string

beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), 'uzima-damage-'))
  await mkdir(join(shared, 'whole'))
  await createFolder(join(shared, 'whole'), pathToFileURL(join(shared, 'no-image')))
}, 60_000)
afterAll(() => rm(shared, { recursive: true }))

const open = (dataDir: string) => createPglite({ dataDir, onHung: () => undefined })

/** The hash of each file of the folder, or of the file. */
const bytesOf = async (path: string): Promise<Record<string, string>> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name))
  const hashed = (files.length > 0 ? files : [path]).map(async (file) => [
    file,
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  ])
  // Pairs, as made above.
  return Object.fromEntries(await Promise.all(hashed)) as Record<string, string>
}

const WAL = 'pg_wal/000000010000000000000001'
const DAMAGED =
  'Nothing in it was changed. Restore the folder from a backup, or set DATA_DIR to another folder'

describe('createPglite', () => {
  it.each<{ name: string; damage: (folder: string) => Promise<unknown>; says: string[] }>([
    {
      name: 'an emptied pg_control',
      damage: (folder) => truncate(join(folder, 'global/pg_control')),
      says: ['is damaged: global/pg_control has 0 bytes instead of 8192', DAMAGED],
    },
    {
      name: 'a pg_control with other bytes',
      damage: async (folder) => {
        const path = join(folder, 'global/pg_control')
        const bytes = await readFile(path)
        await writeFile(path, bytes.fill(1, 100, 101))
      },
      says: ['is damaged: global/pg_control does not match its checksum', DAMAGED],
    },
    {
      name: 'no pg_control',
      damage: (folder) => rm(join(folder, 'global/pg_control')),
      says: ['is damaged: global/pg_control is missing', DAMAGED],
    },
    {
      name: 'no PG_VERSION',
      damage: (folder) => rm(join(folder, 'PG_VERSION')),
      says: ['is damaged: PG_VERSION is missing', DAMAGED],
    },
    {
      name: 'an emptied PG_VERSION',
      damage: (folder) => truncate(join(folder, 'PG_VERSION')),
      says: ['is damaged: PG_VERSION tells no version', DAMAGED],
    },
    {
      name: 'the files of another PostgreSQL',
      damage: (folder) => writeFile(join(folder, 'PG_VERSION'), '17\n'),
      says: ['is of PostgreSQL 17, and this program has PostgreSQL 18. Nothing in it was changed.'],
    },
    {
      name: 'a write-ahead log that was cut short',
      damage: (folder) => truncate(join(folder, WAL), 1_000_000),
      says: [`is damaged: ${WAL} has 1000000 bytes instead of 16777216`, DAMAGED],
    },
    {
      name: 'no write-ahead log',
      damage: (folder) => rm(join(folder, WAL)),
      says: [`is damaged: ${WAL} is missing`, DAMAGED],
    },
    {
      name: 'a copy without its empty folders',
      damage: (folder) => rm(join(folder, 'pg_twophase'), { recursive: true }),
      says: ['is damaged: pg_twophase is missing', DAMAGED],
    },
    {
      name: 'the files of somebody else',
      damage: async (folder) => {
        await rm(folder, { recursive: true })
        await mkdir(folder)
        await writeFile(join(folder, 'notes.txt'), 'mine')
      },
      says: ['holds something else (notes.txt) and no database. Set DATA_DIR to an empty folder'],
    },
    {
      name: 'a file in place of the folder',
      damage: async (folder) => {
        await rm(folder, { recursive: true })
        await writeFile(folder, 'mine')
      },
      says: ['is a file, and the database needs a folder of this name. Move the file away'],
    },
  ])('says what is wrong and changes nothing: $name', async ({ name, damage, says }) => {
    const folder = join(shared, name)
    await cp(join(shared, 'whole'), folder, { recursive: true })
    await damage(folder)
    const before = await bytesOf(folder)

    const error = await open(folder).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DataFolderError)
    for (const words of says) expect(String(error)).toContain(words)
    expect(String(error)).toContain(folder)
    expect(await bytesOf(folder)).toEqual(before)
  })

  it('opens a folder whose postmaster.pid a power cut left empty', async () => {
    const folder = join(shared, 'empty-pid')
    await cp(join(shared, 'whole'), folder, { recursive: true })
    await writeFile(join(folder, 'postmaster.pid'), '')
    const database = await open(folder)
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }])
    await database.close()
  }, 30_000)

  it('passes on what PostgreSQL says where only that finds the damage', async () => {
    const folder = join(shared, 'zeros')
    await cp(join(shared, 'whole'), folder, { recursive: true })
    await writeFile(join(folder, WAL), Buffer.alloc(16_777_216))
    await expect(open(folder)).rejects.toThrow(
      /zeros cannot be opened; PostgreSQL says: .*could not locate a valid checkpoint record at .*\. Make a copy/,
    )
    expect((await readFile(join(folder, WAL))).equals(Buffer.alloc(16_777_216))).toBe(true)
  }, 30_000)
})

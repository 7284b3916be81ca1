import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { migrate } from '../../src/storage/migrate.js'
import { createTestDatabase } from './world.js'

/** A database as the release before `migration` (`0014`) made it. Bring it up to date with `migrate`. */
export const createDatabaseBefore = async (migration: string) => {
  const database = await createTestDatabase({ migrated: false })
  const folder = await mkdtemp(join(tmpdir(), 'uzima-migrations-'))
  try {
    for (const name of await readdir('migrations')) {
      if (name < migration) await copyFile(join('migrations', name), join(folder, name))
    }
    await migrate(database, pathToFileURL(`${folder}/`))
  } finally {
    await rm(folder, { recursive: true })
  }
  return database
}

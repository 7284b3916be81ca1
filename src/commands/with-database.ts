import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/schema.js'
import type { Database } from '../storage/database.js'
import { FolderInUseError } from '../storage/folder-lock.js'
import { expectCurrentSchema, migrate } from '../storage/migrate.js'
import { openDatabase } from '../storage/open.js'
import { CommandError } from './command-error.js'

type Where = Pick<Config, 'databaseUrl' | 'dataDir'>

/**
 * Opens the database of the configuration, does `work` and closes it. Only `migrate` and the server change the schema: a
 * newer command beside older nodes must not. Throws `MigrationError` where it is not the one of this program, and
 * `CommandError` where there is no database yet, or a server has the embedded one.
 */
export const withDatabase = async <T>(
  config: Where,
  work: (database: Database) => Promise<T>,
): Promise<T> => {
  if (config.databaseUrl === undefined) await expectData(config.dataDir)
  return withAnyDatabase(config, async (database) => {
    await expectCurrentSchema(database)
    return work(database)
  })
}

/** The same after the schema is brought up to date, with the migrations that took; makes the embedded one where it is missing. */
export const withMigratedDatabase = async <T>(
  config: Where,
  work: (database: Database, applied: readonly number[]) => Promise<T>,
): Promise<T> =>
  withAnyDatabase(config, async (database) => work(database, await migrate(database)))

/** The same whatever is in it. */
export const withAnyDatabase = async <T>(
  config: Where,
  work: (database: Database) => Promise<T>,
): Promise<T> => {
  const database = await openDatabase(config, { onHung: fail, onError: ignore }).catch(
    (error: unknown) => {
      if (!(error instanceof FolderInUseError)) throw error
      throw new CommandError(
        'FOLDER_IN_USE',
        `${error.message} This command needs the embedded database for itself.`,
        { cause: error },
      )
    },
  )
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Started in another folder than the server, a command would make a second, empty database there. */
const expectData = async (dataDir: string): Promise<void> => {
  const names = await readdir(join(dataDir, 'pglite')).catch(() => [])
  if (names.length > 0) return
  throw new CommandError(
    'NO_DATABASE',
    `There is no database in ${dataDir} yet. Set DATA_DIR or DATABASE_URL as the server has it, or run uzima migrate to make one.`,
  )
}

/** Ends the process where the embedded store hangs: nothing else heals that. */
export const fail = (error: Error): void => {
  process.stderr.write(`error: ${error.message}\n`)
  process.exit(1)
}

const ignore = (): void => {
  // The statement that uses the connection next reports the loss.
}

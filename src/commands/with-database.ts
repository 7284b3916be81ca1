import type { Config } from '../config/schema.js'
import type { Database } from '../storage/database.js'
import { FolderInUseError } from '../storage/folder-lock.js'
import { expectCurrentSchema, migrate } from '../storage/migrate.js'
import { openDatabase } from '../storage/open.js'
import { CommandError } from './command-error.js'

type Where = Pick<Config, 'databaseUrl' | 'dataDir'>

/**
 * Opens the database of the configuration, brings its schema up to date, does `work` and closes it. Throws where a server
 * has the embedded one.
 */
export const withDatabase = async <T>(
  config: Where,
  work: (database: Database, applied: readonly number[]) => Promise<T>,
): Promise<T> => withOpen(config, async (database) => work(database, await migrate(database)))

/**
 * The same for who only looks: the schema stays as it is. Throws `MigrationError` where it is not the one of this program.
 */
export const withDatabaseAsItIs = async <T>(
  config: Where,
  work: (database: Database) => Promise<T>,
): Promise<T> =>
  withOpen(config, async (database) => {
    await expectCurrentSchema(database)
    return work(database)
  })

const withOpen = async <T>(config: Where, work: (database: Database) => Promise<T>): Promise<T> => {
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

const fail = (error: Error): void => {
  process.stderr.write(`error: ${error.message}\n`)
  process.exit(1)
}

const ignore = (): void => {
  // The statement that uses the connection next reports the loss.
}

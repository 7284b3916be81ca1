import type { Config } from '../config/schema.js'
import type { Database } from '../storage/database.js'
import { migrate } from '../storage/migrate.js'
import { openDatabase } from '../storage/open.js'

/**
 * Opens the database of the configuration, brings its schema up to date, does `work` and closes it. Throws
 * `FolderInUseError` where a server has the embedded one.
 */
export const withDatabase = async <T>(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  work: (database: Database, applied: readonly number[]) => Promise<T>,
): Promise<T> => {
  const database = await openDatabase(config, { onHung: fail, onError: ignore })
  try {
    const applied = await migrate(database)
    return await work(database, applied)
  } finally {
    await database.close()
  }
}

/** Ends the process where the embedded store hangs: nothing else heals that. */
export const fail = (error: Error): void => {
  process.stderr.write(`error: ${error.message}\n`)
  process.exit(1)
}

const ignore = (): void => {
  // The statement that uses the connection next reports the loss.
}

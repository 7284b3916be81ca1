import type { Database } from '../storage/database.js'
import { migrate } from '../storage/migrate.js'
import { openDatabase } from '../storage/open.js'
import type { Base } from './base.js'

export interface StoreOptions {
  /** An open store to use instead of the configured one; it is closed with the app. */
  readonly database?: Database
  /** Told when only a new process heals the store. */
  readonly onFatal: (error: Error) => void
  readonly onProgress: (sentence: string) => void
}

/** Opens the database and brings its schema up to date. */
export const openStore = async (base: Base, options: StoreOptions): Promise<Database> => {
  const { config, logger, releases } = base
  const { database: given, onFatal, onProgress } = options
  if (given === undefined) {
    onProgress(
      config.databaseUrl === undefined
        ? `Opening the data in ${config.dataDir}`
        : 'Connecting to the PostgreSQL of DATABASE_URL',
    )
  }
  const database =
    given ??
    (await openDatabase(config, {
      onError: (error) => {
        logger.warn({ err: error }, 'A database connection failed')
      },
      onHung: onFatal,
    }))
  releases.add('database', () => database.close())
  const applied = await migrate(database)
  if (applied.includes(1)) onProgress('It is new: making the first accounts')
  return database
}

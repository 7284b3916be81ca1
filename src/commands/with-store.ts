import { loadConfig } from '../config/load.js'
import type { Config } from '../config/schema.js'
import type { Database } from '../storage/database.js'
import { readRunningServer } from '../storage/running-server.js'
import { createRest, type Rest } from './rest.js'
import { findAccess } from './server-access.js'
import { withDatabase } from './with-database.js'

/** The two ways to what is kept. */
export interface StoreWork<T> {
  readonly inDatabase: (database: Database) => Promise<T>
  /** As an administrator. */
  readonly throughServer: (rest: Rest) => Promise<T>
}

/**
 * Does the work in the database itself where it can be had, with the rights of whoever runs the command: with DATABASE_URL,
 * or where nothing runs on DATA_DIR. Else, and where UZIMA_URL names a server, through the server.
 */
export const withStore = async <T>(
  work: StoreWork<T>,
  config: Config = loadConfig(),
): Promise<T> => {
  const isNamed = config.commandUrl !== undefined
  const isTaken =
    config.databaseUrl === undefined && (await readRunningServer(config.dataDir)) !== undefined
  if (!isNamed && !isTaken) return withDatabase(config, work.inDatabase)
  const { url, getToken } = await findAccess({}, config)
  return work.throughServer(createRest(url, getToken))
}

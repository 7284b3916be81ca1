import { join } from 'node:path'
import type { Database } from './database.js'
import { createPglite } from './pglite.js'
import { createPostgres } from './postgres.js'

export interface OpenOptions {
  /** Told of connections that fail while nobody uses them. */
  readonly onError: (error: Error) => void
  /** Told when the embedded store hangs: only a new process heals it. */
  readonly onHung: (error: Error) => void
}

/** Opens PostgreSQL where there is a `databaseUrl`, else the embedded store in `dataDir`. */
export const openDatabase = async (
  config: { readonly databaseUrl?: string | undefined; readonly dataDir: string },
  options: OpenOptions,
): Promise<Database> =>
  config.databaseUrl === undefined
    ? createPglite({ dataDir: join(config.dataDir, 'pglite'), onHung: options.onHung })
    : createPostgres({ url: config.databaseUrl, onError: options.onError })

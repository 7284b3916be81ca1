import { access, constants, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { explainFolderError } from '../config/start-errors.js'
import type { Database } from './database.js'
import { createPglite } from './pglite.js'
import { explainPostgresError } from './postgres-start-error.js'
import { createPostgres } from './postgres.js'

export interface OpenOptions {
  /** Told of connections that fail while nobody uses them. */
  readonly onError: (error: Error) => void
  /** Told when the embedded store hangs: only a new process heals it. */
  readonly onHung: (error: Error) => void
}

/**
 * Opens PostgreSQL where there is a `databaseUrl`, else the embedded store in `dataDir`. Throws `StartError` naming the
 * setting where that is not possible, be it that the server is down or that the folder belongs to somebody else.
 */
export const openDatabase = async (
  config: { readonly databaseUrl?: string | undefined; readonly dataDir: string },
  options: OpenOptions,
): Promise<Database> =>
  config.databaseUrl === undefined
    ? openEmbedded(config.dataDir, options)
    : openServer(config.databaseUrl, options)

const openEmbedded = async (dataDir: string, { onHung }: OpenOptions): Promise<Database> => {
  const folder = join(dataDir, 'pglite')
  try {
    await mkdir(folder, { recursive: true })
    // Asked of both: the store itself would abort without a word about a folder that is not ours.
    for (const used of [dataDir, folder]) {
      await access(used, constants.R_OK | constants.W_OK | constants.X_OK)
    }
  } catch (error) {
    throw explainFolderError(error, dataDir)
  }
  return createPglite({ dataDir: folder, onHung })
}

const openServer = async (url: string, { onError }: OpenOptions): Promise<Database> => {
  const database = createPostgres({ url, onError })
  try {
    await database.query('select 1')
    return database
  } catch (error) {
    await database.close()
    throw explainPostgresError(error, url)
  }
}

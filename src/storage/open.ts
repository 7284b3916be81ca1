import { access, constants, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDatabaseUrl, type DatabaseUrl } from '../config/database-url.js'
import { BadValueError } from '../config/parsers.js'
import { explainFolderError, StartError } from '../config/start-errors.js'
import type { Database } from './database.js'
import { DataFolderError } from './embedded/inspect-folder.js'
import { freeBytes } from './free-space.js'
import { createPglite } from './pglite.js'
import { explainPostgresError } from './postgres-start-error.js'
import { READ_ONLY } from './unavailable.js'
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
  await expectRoom(folder)
  return createPglite({ dataDir: folder, onHung }).catch((error: unknown) => {
    throw explainFolderError(error, dataDir)
  })
}

/** A new database, and the first segments of its write-ahead log. */
const NEW_DATABASE_BYTES = 128 * 1_048_576

/** Half-way through, a full disk would only be told as a failed write of some file. */
const expectRoom = async (folder: string): Promise<void> => {
  if ((await readdir(folder)).length > 0) return
  const free = await freeBytes(folder)
  if (free === undefined || free >= NEW_DATABASE_BYTES) return
  throw new DataFolderError(
    `DATA_DIR: the disk of ${folder} has ${mebibytes(free)} MiB free, and a new database takes ${mebibytes(NEW_DATABASE_BYTES)}. Free some space, or set DATA_DIR to another disk.`,
  )
}

const mebibytes = (bytes: number): string => Math.floor(bytes / 1_048_576).toString()

const openServer = async (url: string, { onError }: OpenOptions): Promise<Database> => {
  const target = readUrl(url)
  const database = createPostgres({ url, onError })
  try {
    const [state] = await database.query<{ only_reads: boolean; version: string }>(
      `select current_setting('transaction_read_only') = 'on' as only_reads,
         current_setting('server_version') as version`,
    )
    // Asked before anything is made there: an older one would fail in the middle of some migration.
    if (Number.parseInt(state?.version ?? '', 10) < OLDEST_POSTGRES) {
      const at = target.servers.map((server) => server.at).join(' and ')
      throw new StartError(
        `DATABASE_URL: PostgreSQL at ${at} is version ${state?.version ?? ''}, and ${OLDEST_POSTGRES.toString()} or newer is needed. Upgrade it (pg_upgrade), or name a newer one.`,
      )
    }
    if (state?.only_reads === true)
      throw Object.assign(new Error('It only reads.'), { code: READ_ONLY })
    // A second connection beside the first shows whether a pooler shares one session between them.
    await database.query('select 1', [], { answerWithinMs: SECOND_WITHIN_MS })
    return database
  } catch (error) {
    await database.close()
    throw explainPostgresError(error, target)
  }
}

const SECOND_WITHIN_MS = 5_000
const OLDEST_POSTGRES = 14

const readUrl = (url: string): DatabaseUrl => {
  try {
    return parseDatabaseUrl(url)
  } catch (error) {
    if (!(error instanceof BadValueError)) throw error
    throw new StartError(`DATABASE_URL: ${error.message}.`)
  }
}

import { PGlite, types, type Transaction } from '@electric-sql/pglite'
import { setImmediate } from 'node:timers/promises'
import { AppError } from '../errors/app-error.js'
import {
  retryTransaction,
  SNAPSHOT_ISOLATION,
  type Database,
  type Queryable,
  type SqlValue,
  type TransactionOptions,
} from './database.js'
import { keepLogShort } from './embedded/checkpoints.js'
import { expectFolder } from './embedded/inspect-folder.js'
import { openFolder } from './embedded/open-folder.js'
import { lockFolder, type FolderLock } from './folder-lock.js'
import { watchFreeSpace, type FreeSpace } from './free-space.js'
import { watchForStall } from './stall-watchdog.js'

export interface PgliteOptions {
  /** Folder of the data; without it the data lives in memory and ends with the process. */
  readonly dataDir?: string
  /** Without `dataDir`: an image made by `dumpDataDir`, to start from instead of an empty database. */
  readonly image?: Blob
  /** A query that takes longer is reported to `onHung`. Default 30,000 ms. */
  readonly hangTimeoutMs?: number
  /** Called when a query did not settle in time; nothing but a new process heals that. */
  readonly onHung: (error: Error) => void
}

const FULL = 'The disk that holds the data is almost full. Free at least 32 MiB on it.'

// A disk that fails to sync may have thrown the data away: only what is read back from it counts.
const PANIC = 'The embedded database gave up, mostly because its disk failed. Start again.'

// Where the write-ahead log cannot grow, the store never returns from the next statement (measured: over 150 s), so
// that no timer of this thread fires any more.
const STALL_LIMIT_MS = 10_000
// Opening is one turn of the event loop: making the files takes 4 s of a desktop's processor, so a small computer needs
// several times that, and would never get beyond its first start.
const OPENING_LIMIT_MS = 120_000

const PARSERS = {
  [types.INT8]: (text: string) => Number(text),
  [types.DATE]: (text: string) => text,
}

/**
 * Opens the embedded PostgreSQL. It holds an exclusive lock on the folder, because two processes on one folder lose
 * committed rows without an error; throws `FolderInUseError` where another process has it, and `DataFolderError` where what is
 * there is no database that it can open.
 */
export const createPglite = async (options: PgliteOptions): Promise<Database> => {
  const hangTimeoutMs = options.hangTimeoutMs ?? 30_000
  let lock: FolderLock | undefined
  let space: FreeSpace | undefined
  let stopStallWatch: (() => Promise<void>) | undefined
  let closing: Promise<void> | undefined

  const release = async (): Promise<void> => {
    space?.stop()
    await stopStallWatch?.()
    await lock?.release()
  }

  if (options.dataDir !== undefined) {
    await expectFolder(options.dataDir)
    lock = await lockFolder(options.dataDir)
    space = await watchFreeSpace(options.dataDir)
    stopStallWatch = watchFor(OPENING_LIMIT_MS)
  }
  const pglite = await open(options).catch(async (error: unknown) => {
    await release()
    throw error
  })
  if (stopStallWatch !== undefined) {
    await stopStallWatch()
    stopStallWatch = watchFor(STALL_LIMIT_MS)
  }

  const watched = async <T>(work: Promise<T>): Promise<T> => {
    const watchdog = setTimeout(() => {
      options.onHung(
        new Error(`The embedded database has not answered for ${hangTimeoutMs.toString()} ms.`),
      )
    }, hangTimeoutMs)
    try {
      return await work
    } catch (error) {
      if (isPanic(error)) options.onHung(new Error(PANIC, { cause: error }))
      throw error
    } finally {
      clearTimeout(watchdog)
    }
  }

  const run = async <Row>(
    target: PGlite | Transaction,
    sql: string,
    params: readonly SqlValue[] = [],
  ): Promise<Row[]> => (await target.query<Row>(sql, [...params])).rows

  const query = <Row>(sql: string, params?: readonly SqlValue[]): Promise<Row[]> =>
    watched(run<Row>(pglite, sql, params))

  const transaction = <T>(
    work: (tx: Queryable) => Promise<T>,
    { snapshot = false }: TransactionOptions = {},
  ): Promise<T> =>
    retryTransaction(() =>
      watched(
        pglite.transaction(async (tx) => {
          // A COMMIT holds this thread until the disk has it: between two of a row, others get their turn.
          await setImmediate()
          if (!snapshot && isFull()) throw new AppError('SERVER_UNAVAILABLE', { detail: FULL })
          if (snapshot) await tx.exec(`set transaction ${SNAPSHOT_ISOLATION}`)
          return work({
            query: <Row>(sql: string, params?: readonly SqlValue[]) => run<Row>(tx, sql, params),
            script: async (sql) => {
              await tx.exec(sql)
            },
          })
        }),
      ),
    )

  const script = async (sql: string): Promise<void> => {
    await watched(pglite.exec(sql))
  }

  const listen = (channel: string, onNotify: () => void): Promise<() => Promise<void>> =>
    pglite.listen(channel, onNotify)

  const isFull = (): boolean => space?.isScarce() ?? false

  const close = (): Promise<void> => {
    stopCheckpoints?.()
    closing ??= pglite.close().finally(release)
    return closing
  }

  const stopCheckpoints =
    options.dataDir === undefined ? undefined : keepLogShort({ query, script })

  return { kind: 'pglite', query, transaction, script, listen, isFull, close }
}

const open = ({ dataDir, image }: PgliteOptions): Promise<PGlite> =>
  dataDir === undefined
    ? PGlite.create({ ...(image && { loadDataDir: image }), parsers: PARSERS })
    : openFolder(dataDir, PARSERS)

const isPanic = (error: unknown): boolean =>
  error instanceof Error && 'severity' in error && error.severity === 'PANIC'

const watchFor = (limitMs: number): (() => Promise<void>) =>
  watchForStall({
    limitMs,
    lastWords:
      `The embedded database has not returned for ${(limitMs / 1_000).toString()} s. The process ends; nothing ` +
      'acknowledged is lost. If the disk of DATA_DIR is full, free some space.',
  })

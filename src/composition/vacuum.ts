import type { Database } from '../storage/database.js'
import { vacuumTables } from '../storage/embedded/vacuum.js'
import { freeBytes, KEEP_FREE_BYTES } from '../storage/free-space.js'
import type { Base } from './base.js'
import { repeat } from './repeat.js'

/** Seldom enough to cost nothing, and often enough that each time is short. */
const EVERY_MS = 60_000
/** Of one table; on a slow memory card, reading and writing that takes some 3 s. */
const LIMIT_BYTES = 32 * 1_048_576
/** What is changed is written to the write-ahead log first, for which there must be room: of several tables at a time. */
const TABLES = 8

/** Keeps the embedded database from growing by rows that are gone; a PostgreSQL server does that by itself. */
export const keepStoreSmall = ({ config, logger, releases }: Base, database: Database): void => {
  if (database.kind !== 'pglite') return
  const stopping = new AbortController()
  const vacuum = async (): Promise<void> => {
    try {
      const free = (await freeBytes(config.dataDir)) ?? Infinity
      const limitBytes = Math.min(LIMIT_BYTES, Math.floor((free - KEEP_FREE_BYTES) / TABLES))
      await vacuumTables(database, { limitBytes, signal: stopping.signal })
    } catch (error) {
      if (stopping.signal.aborted) return
      logger.warn(
        { err: error },
        'Dead rows of the embedded database stay; the next run tries again',
      )
    }
  }
  const runs = repeat(vacuum, EVERY_MS)
  releases.add('vacuum', () => {
    stopping.abort()
    return runs.stop()
  })
}

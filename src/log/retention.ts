import type { Database, Queryable } from '../storage/database.js'

/** Removes old entries of the event log. */
export interface Retention {
  /**
   * Removes what is older than the retention and resolves to how many entries went. The newest entry always stays. Any
   * number of nodes may run it at once; one works. Stops between two batches once `signal` is aborted.
   */
  readonly run: (signal?: AbortSignal) => Promise<number>
}

export interface RetentionOptions {
  readonly database: Database
  /** Age at which an entry goes, by the clock of the database. */
  readonly eventRetentionMs: number
  /** Entries per transaction. Default and most 5,000: each holds up every commit while it ends. */
  readonly batchSize?: number
}

const MAX_BATCH = 5_000
// Any number, the same in every process of this service.
const RETENTION_LOCK = 7_241_993_002

export const createRetention = (options: RetentionOptions): Retention => {
  const { database, eventRetentionMs } = options
  const batchSize = Math.min(options.batchSize ?? MAX_BATCH, MAX_BATCH)

  const run = async (signal?: AbortSignal): Promise<number> => {
    let removed = 0
    while (signal?.aborted !== true) {
      const batch = await database.transaction((tx) => trim(tx, eventRetentionMs, batchSize))
      removed += batch
      if (batch < batchSize) break
    }
    return removed
  }

  return { run }
}

const trim = async (tx: Queryable, retentionMs: number, batchSize: number): Promise<number> => {
  const [lock] = await tx.query<{ isMine: boolean }>(
    `select pg_try_advisory_xact_lock(${RETENTION_LOCK.toString()}) as "isMine"`,
  )
  if (lock?.isMine !== true) return 0
  // From the beginning up to the first entry that stays, so that what is left has no hole. The head is told by a trigger.
  const removed = await tx.query<{ seq: number }>(
    `with oldest as (
       select seq, at from event_log where seq < (select max(seq) from event_log) order by seq limit $1),
     kept as (
       select min(seq) as seq from oldest where at >= clock_timestamp() - $2 * interval '1 millisecond')
     delete from event_log
     where seq in (select oldest.seq from oldest, kept where kept.seq is null or oldest.seq < kept.seq)
     returning seq`,
    [batchSize, retentionMs],
  )
  return removed.length
}

import type { Queryable } from '../database.js'

export interface CheckpointOptions {
  /** How often it looks. Default 5,000 ms. */
  readonly everyMs?: number
  /** How much of the write-ahead log may be needed for recovery. Default 16 MiB, one segment. */
  readonly limitBytes?: number
}

/**
 * Makes the checkpoints that PostgreSQL does not make by itself where it is one process: without them the write-ahead log grew
 * as long as the process ran (24 segments where 4 were allowed), and so did the time of the start after a kill. Each is made of
 * little, since the process does nothing else meanwhile. Returns the end of it.
 */
export const keepLogShort = (
  database: Queryable,
  { everyMs = 5_000, limitBytes = 16 * 1_048_576 }: CheckpointOptions = {},
): (() => void) => {
  let isBusy = false

  const look = async (): Promise<void> => {
    if (isBusy) return
    isBusy = true
    try {
      const [log] = await database.query<{ bytes: number }>(
        `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::bigint as bytes from pg_control_checkpoint()`,
      )
      if (log !== undefined && log.bytes > limitBytes) await database.script('checkpoint')
    } catch {
      // The store is being closed, or has no room; who writes next is told of that.
    } finally {
      isBusy = false
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()

  return () => {
    clearInterval(timer)
  }
}

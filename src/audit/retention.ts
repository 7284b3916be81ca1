import type { Queryable } from '../storage/database.js'

/** The moment so many years ago. */
export const yearsBefore = (now: Date, years: number): Date => {
  const then = new Date(now)
  then.setUTCFullYear(then.getUTCFullYear() - years)
  return then
}

/**
 * Removes rows of `connection_log` before `olderThan` and resolves to how many. Chains are cut from their beginning and
 * keep an anchor there, so that what stays can still be verified. Rejects for a moment in the last 30 days. Any number of
 * nodes may call it at once; one works.
 */
export const pruneConnectionLog = async (
  database: Queryable,
  olderThan: Date,
  batchSize = 5_000,
): Promise<number> => {
  let removed = 0
  for (;;) {
    const [batch] = await database.query<{ removed: number }>(
      'select prune_connection_log($1, $2) as removed',
      [olderThan, batchSize],
    )
    if (batch === undefined || batch.removed === 0) return removed
    removed += batch.removed
  }
}

import type { Queryable } from '../storage/database.js'

/**
 * Removes headers of entries before `olderThan`, and of each user's rights what a later state, as old, has replaced; resolves to how
 * many rows went. Rejects for a moment in the last 30 days. Any number of nodes may call it at once; one works.
 */
export const pruneExplainRecords = async (
  database: Queryable,
  olderThan: Date,
  batchSize = 5_000,
): Promise<number> => {
  let removed = 0
  for (;;) {
    const [batch] = await database.query<{ removed: number }>(
      'select prune_explain_records($1, $2) as removed',
      [olderThan, batchSize],
    )
    if (batch === undefined || batch.removed === 0) return removed
    removed += batch.removed
  }
}

import type { Queryable } from '../storage/database.js'
import { removeOld } from '../storage/remove-old.js'

/**
 * Removes headers of entries before `olderThan`, and of each user's rights what a later state, as old, has replaced; resolves to how
 * many rows went. Rejects for a moment in the last 30 days. Any number of nodes may call it at once; one works.
 */
export const pruneExplainRecords = async (
  database: Queryable,
  olderThan: Date,
  batchSize?: number,
): Promise<number> => removeOld(database, 'prune_explain_records', [olderThan], batchSize)

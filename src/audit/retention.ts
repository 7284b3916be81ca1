import type { Queryable } from '../storage/database.js'
import { removeOld } from '../storage/remove-old.js'

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
  batchSize?: number,
): Promise<number> => removeOld(database, 'prune_connection_log', [olderThan], batchSize)

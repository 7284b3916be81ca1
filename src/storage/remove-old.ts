import type { Queryable, SqlValue } from './database.js'

/**
 * Calls a function of the database that removes at most so many rows, its last parameter (default 5,000), until none is left;
 * resolves to how many went. Each call is a transaction of its own, so that nobody waits for long.
 */
export const removeOld = async (
  database: Queryable,
  name: 'prune_connection_log' | 'prune_deliveries' | 'prune_explain_records',
  params: readonly SqlValue[],
  batchSize = 5_000,
): Promise<number> => {
  const places = [...params, batchSize].map((_, index) => `$${(index + 1).toString()}`).join(', ')
  let removed = 0
  for (;;) {
    const [batch] = await database.query<{ removed: number }>(
      `select ${name}(${places}) as removed`,
      [...params, batchSize],
    )
    if (batch === undefined || batch.removed === 0) return removed
    removed += batch.removed
  }
}

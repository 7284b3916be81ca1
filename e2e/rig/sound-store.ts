import { verifyChain } from '../../src/audit/verify.js'
import type { Database } from '../../src/storage/database.js'

/** What is wrong in a store by itself, whatever was written to it: gaps in the log, totals, the chain of the record. */
export const unsound = async (database: Database): Promise<string[]> => {
  const problems: string[] = []
  const [log] = await database.query<{
    entries: number
    first: number
    last: number
    head: number
  }>(
    `select count(*)::int as entries, coalesce(min(seq), 1)::int as first, coalesce(max(seq), 0)::int as last,
       (select seq::int from log_head) as head from event_log`,
  )
  if (log?.first !== 1 || log.entries !== log.head || log.last !== log.head) {
    problems.push(`the log is not 1..N: ${JSON.stringify(log)}`)
  }
  const wrong = await database.query<{ sku: string }>(
    `select sku from inventory_items i where total_quantity <> (
       select coalesce(sum(quantity), 0) from inventory_lots l where l.sku = i.sku)
     union all
     select sku from inventory_items i where total_quantity <> (
       select coalesce(sum(delta), 0) from stock_movements m where m.sku = i.sku)`,
  )
  problems.push(...wrong.map(({ sku }) => `the total of ${sku} is not the sum`))
  const verdict = await verifyChain(database)
  if (!verdict.holds) problems.push(`the chain is broken: ${JSON.stringify(verdict.broken)}`)
  return problems
}

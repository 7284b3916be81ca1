import { setImmediate } from 'node:timers/promises'
import type { Queryable } from '../database.js'

export interface VacuumOptions {
  /** A table of which more would have to be read at once is left alone. */
  readonly limitBytes: number
  /** No table is begun after that. */
  readonly signal?: AbortSignal
}

const DEAD_ROWS = 500
/** New rows alone, too: what is read while they are few need not be read when the first of them go. */
const NEW_BYTES = 8 * 1_048_576

/**
 * Gives the room of dead rows back to their tables, as PostgreSQL's autovacuum does where it is more than one process: without
 * it, each table that rows leave (log, keys of requests) grew as long as it lived. Each is a statement of its own, during which
 * the process does nothing else.
 */
export const vacuumTables = async (
  database: Queryable,
  { limitBytes, signal }: VacuumOptions,
): Promise<void> => {
  const tables = await database.query<{ name: string }>(WORTH_IT, [
    DEAD_ROWS,
    NEW_BYTES,
    limitBytes,
  ])
  for (const { name } of tables) {
    if (signal?.aborted === true) return
    // A file that has grown stays as large: most fill again at once.
    await database.script(`vacuum (truncate false) ${name}`)
    // Others get their turn between two.
    await setImmediate()
  }
}

/** A vacuum reads the pages that are not known to hold living rows alone, and the indexes; a table's long values are another table. */
const WORTH_IT = `
  select format('%I.%I', s.schemaname, s.relname) as name
  from pg_stat_user_tables s
  join pg_class c on c.oid = s.relid
  left join pg_class long on long.oid = c.reltoastrelid
  cross join lateral (select
    pg_relation_size(c.oid) - c.relallvisible * 8192::bigint
      + coalesce(pg_relation_size(long.oid) - long.relallvisible * 8192::bigint, 0) as unread,
    pg_indexes_size(c.oid) + coalesce(pg_indexes_size(long.oid), 0) as indexes) size
  where (s.n_dead_tup > $1 or size.unread > $2) and size.unread + size.indexes <= $3`

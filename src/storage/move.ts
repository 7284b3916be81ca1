import type { Database, Queryable } from './database.js'
import { digestTable, listTables, readTable, writeRows, type Table } from './tables.js'

/** What was moved, as counted on the other side. */
export interface Moved {
  readonly rows: number
  readonly tables: number
  /** Number of the newest entry of the log. */
  readonly seq: number
}

/** What is there cannot be moved so; the message says why and what to do. Nothing was changed. */
export class MoveError extends Error {
  override readonly name = 'MoveError'
}

const TIMEOUT_MS = 3_600_000
/** Each database has them from its first migration on. */
const BORN_WITH_A_ROW = new Set([
  'public.log_head',
  'public.settings',
  'public.right_changes_since',
])

/**
 * Copies everything from one database to an empty one, in one transaction: numbers, the name of the log, counters, history.
 * Both have this program's schema, and nobody else writes the source. Reads all of it again on both sides before the COMMIT.
 * Afterwards the source's log has a new name, so that a server that is started on it by mistake is another past to its clients.
 * Throws `MoveError` where the target has data, or is not what was read.
 */
export const moveData = async (source: Database, target: Database): Promise<Moved> => {
  const tables = await listTables(source)
  const moved = await target.transaction(
    async (tx) => {
      // Ours alone: what refers to other rows is still checked. It also keeps everybody else out until the end.
      for (const { name } of tables) await tx.script(`alter table ${name} disable trigger user`)
      await expectEmpty(tx, tables)
      for (const name of BORN_WITH_A_ROW) await tx.script(`delete from ${name}`)
      for (const table of tables) {
        for await (const rows of readTable(source, table)) await writeRows(tx, table, rows)
      }
      await copyCounters(source, tx)
      const rows = await compare(source, tx, tables)
      for (const { name } of tables) await tx.script(`alter table ${name} enable trigger user`)
      return { rows, tables: tables.length, seq: await newestOf(tx) }
    },
    { statementTimeoutMs: TIMEOUT_MS },
  )
  await target.script('analyze')
  await source.query('select start_new_epoch()')
  return moved
}

const expectEmpty = async (tx: Queryable, tables: readonly Table[]): Promise<void> => {
  for (const { name } of tables) {
    const [found] = await tx.query<{ is_used: boolean }>(
      BORN_WITH_A_ROW.has(name)
        ? 'select seq > 0 as is_used from log_head'
        : `select exists (select from ${name}) as is_used`,
    )
    if (found?.is_used === true) {
      throw new MoveError(
        `The database of DATABASE_URL has data already (${name}). Make a new one with createdb, and name that one. Nothing was changed.`,
      )
    }
  }
}

const COUNTERS = `
  select 'public.' || quote_ident(c.relname) as name, a.attname as column
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relpersistence = 'p' and a.attidentity <> ''
  order by 1, 2`

const copyCounters = async (source: Queryable, tx: Queryable): Promise<void> => {
  for (const { name, column } of await source.query<{ name: string; column: string }>(COUNTERS)) {
    const [counter] = await source.query<{ sequence: string }>(
      'select pg_get_serial_sequence($1, $2) as sequence',
      [name, column],
    )
    const [state] = await source.query<{ value: string; is_called: boolean }>(
      `select last_value::text as value, is_called from ${counter?.sequence ?? name}`,
    )
    await tx.query(
      'select setval(pg_get_serial_sequence($1, $2)::regclass, $3::bigint, $4::boolean)',
      [name, column, state?.value ?? '1', state?.is_called ?? false],
    )
  }
}

/** Resolves to the number of rows. */
const compare = async (
  source: Queryable,
  tx: Queryable,
  tables: readonly Table[],
): Promise<number> => {
  let rows = 0
  for (const table of tables) {
    const [there, here] = [await digestTable(tx, table), await digestTable(source, table)]
    if (there.rows !== here.rows || there.digest !== here.digest) {
      throw new MoveError(
        `${table.name} is not the same on both sides (${here.rows.toString()} rows here, ${there.rows.toString()} there). Nothing was changed.`,
      )
    }
    rows += there.rows
  }
  return rows
}

const newestOf = async (database: Queryable): Promise<number> => {
  const [head] = await database.query<{ seq: number }>('select seq from log_head')
  return head?.seq ?? 0
}

import type { Queryable } from '../storage/database.js'
import { listTables, rangesOf } from '../storage/tables.js'

/** What a person may not see of his own rows, or nobody can read: secrets, and hashes of them. */
const SECRETS = ['password_hash', 'token_hash', 'replaces', 'salt', 'request_hash']

/**
 * Every row of every table that names the user by id (or a session or a grant of his), or by a name that was his at that moment, as the text of one JSON
 * document: `{ "userId", "at", "tables": { "users": [...], ... } }`. It reads everything that is kept, a piece at a time, and
 * asks of no table what it means: one that comes with a later version is in it, too.
 */
export const personData = async function* (
  database: Queryable,
  userId: string,
): AsyncGenerator<string> {
  const [now] = await database.query<{ at: string }>('select iso_time(log_now()) as at')
  yield `{"userId":${JSON.stringify(userId)},"at":${JSON.stringify(now?.at)},"tables":{`
  let isFirstTable = true
  for (const table of await listTables(database)) {
    let isFirstRow = true
    for await (const range of rangesOf(database, table)) {
      const rows = await database.query<{ row: string }>(rowsIn(table.name, range), [
        userId,
        SECRETS,
      ])
      for (const { row } of rows) {
        if (isFirstRow) yield `${isFirstTable ? '' : ','}\n${JSON.stringify(nameOf(table.name))}:[`
        yield `${isFirstRow ? '' : ','}\n${row}`
        isFirstRow = false
        isFirstTable = false
      }
    }
    if (!isFirstRow) yield ']'
  }
  yield '}}\n'
}

const nameOf = (table: string): string => table.replace(/^public\./, '')

// Text first: most rows of a large table name him nowhere, and to look into their JSON takes ten times as long.
const rowsIn = (table: string, range: string): string => `
  select (told - $2::text[])::text as row
  from (select names_of($1::uuid) as names, ids_of_person($1::uuid) as ids) as his
  cross join lateral (select t::text as line, to_jsonb(t) as told from ${table} t where ${range}) as rows
  where exists (select from unnest(his.ids) as id where position(id in line) > 0) or (
    exists (select from unnest(his.names) as n where position(n.name in lower(line)) > 0)
    and exists (
      select from jsonb_path_query(told, 'strict $.**') as value
      where jsonb_typeof(value) = 'string'
        and is_named(value #>> '{}', coalesce((told ->> 'at')::timestamptz, now()), his.names)))`

import type { Queryable } from './database.js'
import { readMigrations } from './migrate.js'

interface Trigger {
  readonly name: string
  readonly table: string
}

const STATEMENT =
  /^\s*(create(?: constraint)?|drop) trigger (?:if exists )?(\w+)\b(?:[^;]*?\b(?:before|after)\b[^;]*?)?\s+on (\w+)/gim

/** The triggers that the migrations leave behind, as they write them. */
export const expectedTriggers = async (folder?: URL): Promise<Trigger[]> => {
  const expected = new Map<string, Trigger>()
  for (const { sql } of await readMigrations(folder)) {
    for (const [, verb = '', name = '', table = ''] of sql.matchAll(STATEMENT)) {
      const key = `${table}.${name}`
      if (/^drop$/i.test(verb)) expected.delete(key)
      else expected.set(key, { name, table })
    }
  }
  return [...expected.values()]
}

/** What keeps the triggers from seeing changes, as a sentence with what to do; undefined where all of them fire. */
export const findDeadTrigger = async (
  database: Queryable,
  expected: readonly Trigger[],
): Promise<string | undefined> => {
  const [dead] = await database.query<Trigger & { readonly is_there: boolean }>(
    `select w.name, w.table_name as "table", t.oid is not null as is_there
     from unnest($1::text[], $2::text[]) as w (name, table_name)
     left join pg_trigger t
       on t.tgname = w.name and t.tgrelid = to_regclass('public.' || w.table_name) and not t.tgisinternal
     where t.tgenabled is null or t.tgenabled not in ('O', 'A')
     order by 3, 2, 1 limit 1`,
    [expected.map(({ name }) => name), expected.map(({ table }) => table)],
  )
  if (dead === undefined) return undefined
  const { name, table } = dead
  return dead.is_there
    ? `The trigger ${name} is switched off, so that changes go unseen. Run: alter table ${table} enable trigger ${name}`
    : `The trigger ${name} of ${table} is missing, so that changes go unseen. Make it again as the migrations do.`
}

import type { Queryable } from './database.js'

/** A table of ours, as another database is filled from it. */
export interface Table {
  /** Ready for SQL, schema included. */
  readonly name: string
  /** Those that hold what cannot be worked out from the others. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Tables that must be filled before. */
  readonly needs: readonly string[]
}

/** What is in a table, so that two of them can be compared. */
export interface TableDigest {
  readonly rows: number
  /** A sum over the rows, whatever their order. */
  readonly digest: string
}

// Half a megabyte: the embedded store holds its process meanwhile.
const PAGES = 64

/**
 * All tables whose rows are the service's, those that others need first. Not the record of migrations, which each database
 * makes by itself, and not what lives inside one transaction only.
 */
export const listTables = async (database: Queryable): Promise<Table[]> => {
  const found = await database.query<Table>(
    `select 'public.' || quote_ident(c.relname) as name,
       json_agg(json_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod))
         order by a.attnum) as columns,
       (select coalesce(json_agg(distinct 'public.' || quote_ident(f.relname)), '[]')
        from pg_constraint k join pg_class f on f.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid) as needs
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relpersistence = 'p'
       and c.relname <> 'schema_migrations' and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     group by c.oid, c.relname order by c.relname`,
  )
  const sorted: Table[] = []
  const place = (table: Table): void => {
    if (sorted.includes(table)) return
    for (const other of found) if (table.needs.includes(other.name)) place(other)
    sorted.push(table)
  }
  found.forEach(place)
  return sorted
}

/** Reads every row, so that a page that cannot be read is found, too. Nobody may write meanwhile. */
export const digestTable = async (database: Queryable, table: Table): Promise<TableDigest> => {
  const row = `row(${table.columns.map(({ name }) => name).join(', ')})::text`
  let rows = 0
  const sums = [0n, 0n]
  for await (const range of rangesOf(database, table)) {
    const [part] = await database.query<{ rows: number; sums: readonly string[] }>(
      `select count(*) as rows, array[
         coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0)::text,
         coalesce(sum(('x' || right(hash, 16))::bit(64)::bigint::numeric), 0)::text] as sums
       from (select md5(${row}) as hash from ${table.name} where ${range}) as hashed`,
    )
    rows += part?.rows ?? 0
    part?.sums.forEach((sum, at) => (sums[at] = (sums[at] ?? 0n) + BigInt(sum)))
  }
  return { rows, digest: sums.join(' ') }
}

/** The rows as JSON: an array of arrays of texts, a piece at a time. Nobody may write meanwhile. */
export const readTable = async function* (
  database: Queryable,
  table: Table,
): AsyncGenerator<string> {
  const texts = table.columns.map(({ name }) => `${name}::text`).join(', ')
  for await (const range of rangesOf(database, table)) {
    const [piece] = await database.query<{ rows: string | null }>(
      `select json_agg(json_build_array(${texts}))::text as rows from ${table.name} where ${range}`,
    )
    if (typeof piece?.rows === 'string') yield piece.rows
  }
}

/** Writes what `readTable` gave. */
export const writeRows = async (database: Queryable, table: Table, rows: string): Promise<void> => {
  const columns = table.columns.map(({ name }) => name).join(', ')
  const values = table.columns.map(({ type }, at) => `(r ->> ${at.toString()})::${type}`).join(', ')
  await database.query(
    `insert into ${table.name} (${columns}) overriding system value
     select ${values} from json_array_elements($1::json) as r`,
    [rows],
  )
}

/** Conditions that together are true of each row once, so that no statement reads more than half a megabyte. */
export const rangesOf = async function* (
  database: Queryable,
  { name }: Table,
): AsyncGenerator<string> {
  const [size] = await database.query<{ pages: number }>(
    `select pg_relation_size($1::regclass) / current_setting('block_size')::bigint as pages`,
    [name],
  )
  for (let page = 0; page < (size?.pages ?? 0); page += PAGES) {
    const end = page + PAGES
    yield `ctid >= '(${page.toString()},0)' and ctid < '(${end.toString()},0)'`
  }
}

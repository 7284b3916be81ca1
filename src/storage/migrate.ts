import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Database, Queryable } from './database.js'

interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** The schema cannot be brought to this program's version; the message says why and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

const OWN_MIGRATIONS = new URL('../../migrations/', import.meta.url)
// A migration may rewrite a large table, or wait for another process that does.
const MIGRATION_TIMEOUT_MS = 3_600_000
// Any number, the same in every process of this service.
const MIGRATION_LOCK = 7_241_993_001

/**
 * Brings the schema up to this program's version and resolves to the versions it applied. Safe to run in any number of
 * processes at once: one works, the others wait and find nothing to do. Throws `MigrationError` where the schema is newer
 * than the program, or an applied migration was edited. Each statement may take an hour.
 */
export const migrate = async (
  database: Database,
  folder: URL = OWN_MIGRATIONS,
): Promise<number[]> => {
  const migrations = await readMigrations(folder)
  await expectOwnSchema(database)
  const applied: number[] = []
  for (const migration of migrations) {
    if (await applyOnce(database, migration, migrations)) applied.push(migration.version)
  }
  return applied
}

/** How the schema of a database stands to the one that this program needs. */
export interface SchemaState {
  /** Newest migration of the database; 0 in an empty one. */
  readonly found: number
  /** Newest migration of this program. */
  readonly known: number
  /** A migration that was applied with another text, or not at all though a newer one was. */
  readonly differing: string | undefined
}

/** Reads it, and changes nothing. Throws `MigrationError` where the tables are in another schema. */
export const readSchemaState = async (
  database: Queryable,
  folder: URL = OWN_MIGRATIONS,
): Promise<SchemaState> => {
  const migrations = await readMigrations(folder)
  await expectOwnSchema(database)
  const rows = (await hasRecords(database)) ? await readRecords(database) : []
  const found = rows.at(-1)?.version ?? 0
  const differing = migrations.find(
    ({ version, checksum }) =>
      version <= found && rows.find((row) => row.version === version)?.checksum !== checksum,
  )
  return { found, known: migrations.at(-1)?.version ?? 0, differing: differing?.name }
}

/** Throws `MigrationError` where the schema is not the one of this program. */
export const expectCurrentSchema = async (database: Queryable): Promise<void> => {
  const { found, known } = await readSchemaState(database)
  if (found > known) throw tooNew(found, known)
  if (found < known) {
    throw new MigrationError(
      `The database has schema version ${found.toString()}, this program needs ${known.toString()}. Run uzima migrate, or start the server.`,
    )
  }
}

const tooNew = (found: number, known: number): MigrationError =>
  new MigrationError(
    `The database has schema version ${found.toString()}, this program knows ${known.toString()}. Start the newer program.`,
  )

const hasRecords = async (database: Queryable): Promise<boolean> => {
  const [records] = await database.query<{ exist: boolean }>(
    `select to_regclass('schema_migrations') is not null as exist`,
  )
  return records?.exist === true
}

const readRecords = (
  database: Queryable,
): Promise<{ readonly version: number; readonly checksum: string }[]> =>
  database.query('select version, checksum from schema_migrations order by version')

/** Tables that somebody moved away would be made a second time, and triggers and programs would not mean the same ones. */
const expectOwnSchema = async (database: Queryable): Promise<void> => {
  const [found] = await database.query<{ elsewhere: string | null; exists: boolean; role: string }>(
    `select current_user as role, to_regnamespace('public') is not null as exists,
       case when to_regclass('public.log_head') is null then (
         select min(n.nspname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relname = 'log_head' and c.relkind = 'r' and n.nspname !~ '^pg_') end as elsewhere`,
  )
  if (found?.exists === false) {
    throw new MigrationError(
      `The database has no schema public, where the tables belong. Run: create schema public authorization "${found.role}"`,
    )
  }
  if (typeof found?.elsewhere === 'string') {
    throw new MigrationError(
      `The tables are in the schema "${found.elsewhere}" of the database, and they work in public only. Restore them there, or name a database without them.`,
    )
  }
}

/** The migrations in `folder`, by number. */
export const readMigrations = async (folder: URL = OWN_MIGRATIONS): Promise<Migration[]> => {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort()
  names.forEach((name, index) => {
    const before = names[index - 1]
    if (before?.slice(0, 4) === name.slice(0, 4)) {
      throw new MigrationError(`${before} and ${name} have one version. Give one another number.`)
    }
  })
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8')
      const checksum = createHash('sha256').update(sql).digest('hex')
      return { version: Number(name.slice(0, 4)), name, sql, checksum }
    }),
  )
}

/** One transaction a migration: it is there whole, with its record, or not at all. */
const applyOnce = async (
  database: Database,
  migration: Migration,
  known: readonly Migration[],
): Promise<boolean> => {
  const newest = known.at(-1)?.version ?? 0
  const apply = async (tx: Queryable): Promise<boolean> => {
    await tx.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK.toString()})`)
    // Asked first: even `if not exists` wants the right to create, which a service that owns nothing has not.
    if (!(await hasRecords(tx))) {
      await tx.query(`create table schema_migrations (
        version integer primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now())`)
    }
    const rows = await readRecords(tx)
    const newestApplied = rows.at(-1)?.version ?? 0
    if (newestApplied > newest) throw tooNew(newestApplied, newest)
    const record = rows.find((row) => row.version === migration.version)
    if (record !== undefined) {
      if (record.checksum !== migration.checksum) {
        throw new MigrationError(
          `Migration ${migration.name} was edited after it was applied. Restore the file and put the change into a new one.`,
        )
      }
      return false
    }
    await tx.script(migration.sql)
    await tx.script(PIN_FUNCTIONS)
    await tx.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.checksum,
    ])
    return true
  }
  return database.transaction(apply, { statementTimeoutMs: MIGRATION_TIMEOUT_MS })
}

/**
 * Each function that this transaction made looks for its names in our schema, whatever search path its caller has. One whose
 * body was parsed when it was made (`return ...`) needs no path, and would only become slower.
 */
const PIN_FUNCTIONS = `
  do $$
  declare
    made regprocedure;
  begin
    for made in
      select p.oid from pg_proc p join pg_language l on l.oid = p.prolang
      where p.xmin = pg_current_xact_id()::xid and l.lanname in ('sql', 'plpgsql') and p.prosqlbody is null
        and not exists (select from unnest(p.proconfig) as setting where setting like 'search_path=%')
    loop
      execute format('alter routine %s set search_path = public, pg_temp', made);
    end loop;
  end $$`

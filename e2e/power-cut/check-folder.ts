import type { Database } from '../../src/storage/database.js'
import { migrate } from '../../src/storage/migrate.js'
import { createPglite } from '../../src/storage/pglite.js'
import { unsound } from '../rig/sound-store.js'

/** What is in a folder that a power cut left. */
export interface Found {
  readonly versions: Readonly<Record<string, number>>
  /** The last row of each chain of the connection log, by run. */
  readonly chained: Readonly<Record<string, number>>
  /** What is wrong in itself, whatever was promised. */
  readonly problems: readonly string[]
}

const look = async (database: Database): Promise<Found> => {
  const problems = await unsound(database)
  const items = await database.query<{ sku: string; name: string }>(
    'select sku, name from inventory_items',
  )
  if (items.some(({ sku }) => sku === 'ROLLED-BACK')) problems.push('a rolled back item is there')
  const runs = await database.query<{ id: string; seq: number }>(
    'select id, last_seq as seq from nodes',
  )
  problems.push(...(await unreadable(database)))
  // A store that opens must also take writes.
  await database.query(`insert into inventory_items (sku, name) values ('AFTER', 'after')`)
  return {
    versions: Object.fromEntries(items.map(({ sku, name }) => [sku, Number(name.slice(1))])),
    chained: Object.fromEntries(runs.map(({ id, seq }) => [id, seq])),
    problems,
  }
}

/** Reads every row of every table, since the checksum of a torn page is looked at when it is read. */
const unreadable = async (database: Database): Promise<string[]> => {
  const tables = await database.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relkind in ('r', 'm')`,
  )
  const problems: string[] = []
  for (const { name } of tables) {
    try {
      await database.query(`select sum(length(t::text)) from ${name} t`)
    } catch (error) {
      problems.push(`${name} cannot be read: ${String(error)}`)
    }
  }
  return problems
}

/** A process that opens each folder it is told as a server would, and answers what it found, or why it cannot. */
const answer = async (folder: string): Promise<Found | { readonly failed: string }> => {
  try {
    const database = await createPglite({
      dataDir: folder,
      onHung: (error) => {
        throw error
      },
    })
    try {
      await migrate(database)
      return await look(database)
    } finally {
      await database.close()
    }
  } catch (error) {
    return { failed: String(error) }
  }
}

process.on(
  'message',
  (folder) => void answer(String(folder)).then((found) => process.send?.(found)),
)

import type { Client } from 'pg'
import type { Position } from './history.js'
import type { Rig } from './rig/rig.js'
import { textHash, type ItemState } from './clients/replica.js'
import { verifyChain } from '../../src/audit/verify.js'
import { createPostgres } from '../../src/storage/postgres.js'

export interface DumpedEntry {
  readonly seq: number
  readonly name: string
  readonly audience: string
  readonly payload: Readonly<Record<string, unknown>>
  /** Of the payload as text: what clients received must have the same. */
  readonly hash: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface DumpedMovement {
  readonly id: number
  readonly sku: string
  readonly type: string
  readonly delta: number
  readonly before: number
  readonly after: number
  readonly lots: readonly {
    readonly lotNumber: string
    readonly expiryDate: string
    readonly delta: number
    readonly before: number
    readonly after: number
  }[]
  readonly actor: string
  readonly reason: string | null
  readonly seq: number
}

export interface DumpedAttempt {
  readonly outcome: string
  readonly code: string | null
  readonly userAgent: string | null
  readonly node: string
}

/** The database as it stands when everything is over. */
export interface Dump {
  readonly head: Position
  readonly log: readonly DumpedEntry[]
  readonly movements: readonly DumpedMovement[]
  readonly items: readonly ItemState[]
  readonly attempts: readonly DumpedAttempt[]
  /** Attempts that the nodes told in their log lines, by user agent and outcome. */
  readonly logLines: readonly DumpedAttempt[]
  readonly chainHolds: boolean
  /** Whether an UPDATE and a DELETE of the connection log were refused. */
  readonly auditIsFixed: boolean
  readonly users: readonly { readonly id: string; readonly role: string }[]
  /** Today, in UTC, as the service counted it. */
  readonly today: string
  /** Lines of the nodes that tell of an error nobody caught. */
  readonly uncaught: readonly string[]
}

/** Reads everything, past the proxies. `output` is what the nodes wrote. */
export const dumpDatabase = (rig: Rig, output: string): Promise<Dump> => {
  return rig.sql(async (client) => {
    const rows = async <Row>(sql: string): Promise<Row[]> =>
      (await client.query<Row & Record<string, unknown>>(sql)).rows
    const log = await rows<Omit<DumpedEntry, 'hash'>>(
      `select seq::float8 as seq, name, audience, payload,
        (extract(epoch from at) * 1000)::float8 as at from event_log order by seq`,
    )
    const [head] = await rows<Position>('select epoch, seq::float8 as seq from log_head')
    if (head === undefined) throw new Error('log_head is empty.')
    return {
      head,
      log: log.map((entry) => ({ ...entry, hash: textHash(JSON.stringify(entry.payload)) })),
      movements: await rows<DumpedMovement>(
        `select id::float8 as id, sku, type, delta, before, after, lots, actor, reason,
          seq::float8 as seq from stock_movements order by seq, id`,
      ),
      items: (
        await rows<{ item: ItemState }>(
          'select item from inventory_item_view where archived_at is null',
        )
      ).map(({ item }) => item),
      attempts: await rows<DumpedAttempt>(
        `select outcome, code, user_agent as "userAgent", node from connection_log order by id`,
      ),
      logLines: connectionLines(output),
      chainHolds: await chainHolds(rig.databaseUrl),
      auditIsFixed:
        (await isRefused(client, `update connection_log set code = 'EDITED'`)) &&
        (await isRefused(client, 'delete from connection_log')),
      users: await rows<{ id: string; role: string }>('select id, role from users'),
      today: new Date().toISOString().slice(0, 10),
      uncaught: output
        .split('\n')
        .filter((line) => /unhandledRejection|uncaughtException|UnhandledPromise/i.test(line)),
    }
  })
}

const isRefused = async (client: Client, sql: string): Promise<boolean> => {
  await client.query('begin')
  try {
    const { rowCount } = await client.query(sql)
    return rowCount === 0
  } catch {
    return true
  } finally {
    await client.query('rollback')
  }
}

const chainHolds = async (url: string): Promise<boolean> => {
  const database = createPostgres({ url, onError: () => undefined })
  try {
    return (await verifyChain(database)).holds
  } finally {
    await database.close()
  }
}

/** The log lines that tell of an attempt; the line is written before the row. */
const connectionLines = (output: string): DumpedAttempt[] => {
  return output.split('\n').flatMap((line) => {
    if (!line.includes('"connection":{')) return []
    try {
      const { connection, name } = JSON.parse(line) as { connection: DumpedAttempt; name: string }
      return [{ ...connection, node: name }]
    } catch {
      // The last line of a killed node may be cut.
      return []
    }
  })
}

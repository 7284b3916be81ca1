import { Argument, Command, Option } from 'commander'
import { loadConfig } from '../config/load.js'
import type { Database, SqlValue } from '../storage/database.js'
import { parseTime } from './arguments.js'
import { examples } from './examples.js'
import { writeLine, type JsonFlag } from './output.js'
import { withDatabase } from './with-database.js'

/** What can be taken out, each in the order in which it was written. `key` numbers its rows. */
const EXPORTS = {
  log: {
    key: 'seq',
    columns: ['seq', 'name', 'at', 'audience', 'payload'],
    sql: `select seq, name, iso_time(at) as at, audience, payload from event_log`,
  },
  movements: {
    key: 'id',
    columns: [
      'id',
      'seq',
      'at',
      'sku',
      'type',
      'delta',
      'before',
      'after',
      'lots',
      'actor',
      'reason',
    ],
    sql: `select id, seq, iso_time(at) as at, sku, type, delta, before, after, lots, actor, reason from stock_movements`,
  },
  connections: {
    key: 'id',
    columns: [
      ...['id', 'at', 'outcome', 'code', 'userId', 'ip', 'userAgent', 'origin', 'transport'],
      ...[
        'node',
        'socketId',
        'count',
        'nodeRun',
        'nodeSeq',
        'prevHash',
        'hash',
        'salt',
        'textsHash',
      ],
    ],
    sql: `select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, outcome, code, user_id as "userId", ip, user_agent as "userAgent", origin, transport,
        node, socket_id as "socketId", count, node_run::text as "nodeRun", node_seq as "nodeSeq",
        encode(prev_hash, 'hex') as "prevHash", encode(hash, 'hex') as hash, encode(salt, 'hex') as salt,
        encode(texts_hash, 'hex') as "textsHash"
      from connection_log`,
  },
} as const

type What = keyof typeof EXPORTS
type Row = Readonly<Record<string, unknown>>

interface ExportFlags extends JsonFlag {
  readonly format: 'jsonl' | 'csv'
  readonly since?: Date
  readonly until?: Date
}

const PAGE = 1_000

/** `uzima export`: everything that is kept for good, as lines on standard output, in the memory of one page. */
export const exportCommand = (): Command =>
  new Command('export')
    .description('write the log, the movements or the connection log to standard output')
    .addArgument(new Argument('<what>').choices(Object.keys(EXPORTS)))
    .addOption(new Option('--format <format>').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--since <time>', 'only from this moment on, such as 2026-01-31', parseTime)
    .option('--until <time>', 'only before this moment', parseTime)
    .option('--json', 'the same as --format jsonl; errors as JSON on standard error')
    .addHelpText(
      'after',
      examples(
        ['uzima export movements --format csv > movements.csv', 'for a spreadsheet'],
        ['uzima export connections --since 2026-01-01 | gzip > log.gz', 'for an auditor'],
      ),
    )
    .action(async (what: What, { json, format, since, until }: ExportFlags) => {
      const isCsv = format === 'csv' && json !== true
      const { columns } = EXPORTS[what]
      await withDatabase(loadConfig(), async (database) => {
        if (isCsv) await writeLine(columns.join(','))
        await forEachRow(database, what, [since ?? null, until ?? null], (row) =>
          writeLine(
            isCsv ? columns.map((column) => csvCell(row[column])).join(',') : JSON.stringify(row),
          ),
        )
      })
    })

/** By their number, a page at a time: what is written meanwhile comes, too, and no lock is held. */
const forEachRow = async (
  database: Database,
  what: What,
  between: readonly [since: Date | null, until: Date | null],
  work: (row: Row) => Promise<void>,
): Promise<void> => {
  const { key, sql } = EXPORTS[what]
  // The table is named where its column and the text that is made of it have one name.
  const at = `${sql.trim().split(' ').at(-1) ?? ''}.at`
  const text = `${sql}
    where ${key} > $1 and ($2::timestamptz is null or ${at} >= $2) and ($3::timestamptz is null or ${at} < $3)
    order by ${key} limit ${PAGE.toString()}`
  for (let after: SqlValue = 0; ;) {
    const rows: Row[] = await database.query<Row>(text, [after, ...between])
    for (const row of rows) await work(row)
    if (rows.length < PAGE) return
    after = Number(rows.at(-1)?.[key])
  }
}

/** RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
const csvCell = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return value.toString()
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

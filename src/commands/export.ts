import { Argument, Command, Option } from 'commander'
import { loadConfig } from '../config/load.js'
import { csvLine } from '../explain/csv.js'
import type { Database, SqlValue } from '../storage/database.js'
import { parseTime } from './arguments.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { exportAudit } from './export-audit.js'
import { remark, writeLine, type JsonFlag } from './output.js'
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
/** What is worked out from several of them. */
const ABOUT = ['seen', 'viewers'] as const
type About = (typeof ABOUT)[number]
type Row = Readonly<Record<string, unknown>>

interface ExportFlags extends JsonFlag {
  readonly format: 'jsonl' | 'csv'
  readonly since?: Date
  readonly until?: Date
  readonly out?: string
}

const PAGE = 1_000

/** `uzima export`: everything that is kept for good, as lines on standard output, in the memory of one page. */
export const exportCommand = (): Command =>
  new Command('export')
    .description('write the log, the movements, the connection log, or who could see what')
    .addArgument(new Argument('<what>').choices([...Object.keys(EXPORTS), ...ABOUT]))
    .argument('[of]', 'of seen: a user, by name or id; of viewers: the sku of an item')
    .addOption(new Option('--format <format>').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--since <time>', 'only from this moment on, such as 2026-01-31', parseTime)
    .option('--until <time>', 'only before this moment', parseTime)
    .option('--out <file>', 'of seen and viewers: this file, with its SHA-256 in <file>.sha256')
    .option('--json', 'the same as --format jsonl; errors as JSON on standard error')
    .addHelpText(
      'after',
      examples(
        ['uzima export movements --format csv > movements.csv', 'for a spreadsheet'],
        ['uzima export connections --since 2026-01-01 | gzip > log.gz', 'for an auditor'],
        [
          'uzima export seen ana --since 2026-01-31 --format csv --out ana.csv',
          'what ana could see',
        ],
        [
          'uzima export viewers AMOX-500 --out amox.json',
          'who could see an item; one JSON document',
        ],
      ),
    )
    .action(async (what: What | About, of: string | undefined, flags: ExportFlags) => {
      const { json, format, since, until, out } = flags
      const isCsv = format === 'csv' && json !== true
      if (what === 'seen' || what === 'viewers') {
        if (of === undefined) {
          throw new CommandError(
            'USAGE',
            what === 'seen' ? 'Of whom? Name a user.' : 'Of what? Name a sku.',
          )
        }
        const digest = await exportAudit({
          what,
          of,
          format: isCsv ? 'csv' : 'json',
          since: since ?? new Date(0),
          until: until ?? new Date(),
          out,
        })
        remark(flags, `SHA-256 ${digest}`)
        return
      }
      const { columns } = EXPORTS[what]
      await withDatabase(loadConfig(), async (database) => {
        if (isCsv) await writeLine(columns.join(','))
        await forEachRow(database, what, [since ?? null, until ?? null], (row) =>
          writeLine(isCsv ? csvLine(columns.map((column) => row[column])) : JSON.stringify(row)),
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

import {
  ATTEMPT_OUTCOMES,
  attemptsPageSchema,
  type AttemptOutcome,
  type AttemptsPage,
  type AttemptsQuery,
  type ConnectionAttempt,
} from '@uzima/contracts'
import { Command, Option } from 'commander'
import { listAttempts } from '../audit/attempts.js'
import { verifyChain } from '../audit/verify.js'
import { loadConfig } from '../config/load.js'
import { parseCount, parseTime } from './arguments.js'
import { answerCommand } from './audit-answer.js'
import { checkpointCommand, exportCommand, keyCommand } from './audit-evidence.js'
import {
  expectHolds,
  tellVerdict,
  verifyFiles,
  withFileFlags,
  type FileFlags,
} from './audit-files.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { say, table, type JsonFlag } from './output.js'
import { withDatabase } from './with-database.js'
import { withStore } from './with-store.js'

/** `uzima audit`: the connection log, and the evidence with its signed checkpoints. */
export const auditCommand = (): Command =>
  new Command('audit')
    .description('read and check the connection log; hand out the evidence and verify it')
    .addCommand(listCommand())
    .addCommand(verifyCommand())
    .addCommand(keyCommand())
    .addCommand(checkpointCommand())
    .addCommand(exportCommand())
    .addCommand(answerCommand())

interface ListFlags extends JsonFlag {
  readonly user?: string
  readonly outcome?: AttemptOutcome
  readonly since?: Date
  readonly until?: Date
  readonly limit: number
}

const MAX_PAGE = 1_000

const listCommand = (): Command =>
  new Command('list')
    .description('show attempts to connect and ends of connections, the newest first')
    .option('--user <id>', 'only those of the user with this id; uzima user list tells it')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(ATTEMPT_OUTCOMES))
    .option('--since <time>', 'only from this moment on, such as 2026-01-31', parseTime)
    .option('--until <time>', 'only before this moment', parseTime)
    .option('--limit <n>', 'at most so many', parseCount, 100)
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      examples(
        ['uzima audit list --outcome refused --since 2026-01-31', 'who was turned away, and why'],
        ['uzima audit list --json --limit 5000', 'for a program'],
      ),
    )
    .action(async ({ json, user, outcome, since, until, limit }: ListFlags) => {
      const filter = {
        ...(user === undefined ? {} : { userId: user }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(since === undefined ? {} : { since: since.toISOString() }),
        ...(until === undefined ? {} : { until: until.toISOString() }),
      }
      const attempts = await withStore({
        inDatabase: (database) => collect(limit, filter, (query) => listAttempts(database, query)),
        throughServer: (rest) =>
          collect(limit, filter, (query) => {
            const search = new URLSearchParams(
              Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
            )
            const path = `/api/connection-attempts?${search.toString()}`
            return rest.request('GET', path, attemptsPageSchema)
          }),
      })
      if (json === true) for (const attempt of attempts) console.log(JSON.stringify(attempt))
      else console.log(tableOf(attempts))
    })

/** Pages until there are as many as are wanted. */
const collect = async (
  limit: number,
  filter: Omit<AttemptsQuery, 'limit' | 'cursor'>,
  read: (query: AttemptsQuery) => Promise<AttemptsPage>,
): Promise<ConnectionAttempt[]> => {
  const attempts: ConnectionAttempt[] = []
  for (let cursor: string | null = ''; cursor !== null && attempts.length < limit;) {
    const page: AttemptsPage = await read({
      ...filter,
      limit: Math.min(limit - attempts.length, MAX_PAGE),
      ...(cursor === '' ? {} : { cursor }),
    })
    attempts.push(...page.attempts)
    cursor = page.nextCursor
  }
  return attempts
}

const tableOf = (attempts: readonly ConnectionAttempt[]): string =>
  table(
    ['AT', 'OUTCOME', 'CODE', 'USER', 'ADDRESS', 'NODE', 'SOCKET', 'TIMES'],
    attempts.map(({ at, outcome, code, userId, ip, node, socketId, count }) => [
      at,
      outcome,
      code ?? '-',
      userId ?? '-',
      ip ?? '-',
      node,
      socketId ?? '-',
      count.toString(),
    ]),
  )

const verifyCommand = (): Command =>
  withFileFlags(
    new Command('verify')
      .description(
        'check the connection log in the database and name the first broken link; or, with the three files, an export of the evidence, without any database',
      )
      .option('--since <time>', 'only rows from this moment on, such as 2026-01-31', parseTime),
  )
    .addHelpText(
      'after',
      examples(
        ['uzima audit verify', 'exit code 1 where a row was changed or is missing'],
        [
          'uzima audit verify --export e.jsonl --checkpoint c.txt --key k.txt',
          'needs nothing else; exit code 1 names what was changed',
        ],
      ),
    )
    .action(async ({ since, ...flags }: JsonFlag & FileFlags & { readonly since?: Date }) => {
      if ((flags.export ?? flags.checkpoint ?? flags.key) !== undefined) {
        const verdict = await verifyFiles(flags)
        expectHolds(verdict)
        say(flags, verdict, tellVerdict(verdict))
        return
      }
      const verdict = await withDatabase(loadConfig(), (database) =>
        verifyChain(database, since === undefined ? {} : { since }),
      )
      if (!verdict.holds) {
        const { node, nodeRun, nodeSeq, id, reason } = verdict.broken
        const row = id === null ? '' : `, id ${id.toString()}`
        throw new CommandError(
          'CHECK_FAILED',
          `Row ${nodeSeq.toString()} of node ${node} (run ${nodeRun}${row}) is ${reason}.`,
        )
      }
      const { rows, runs, withheld, linkedOnly } = verdict
      const gone =
        withheld === 0
          ? ''
          : ` The texts of ${withheld.toString()} rows are withheld: their people were erased. Of ${linkedOnly.toString()} of them, written before version 0032 of the schema, only the links are proven.`
      say(
        flags,
        verdict,
        `${rows.toString()} rows of ${runs.toString()} node runs, every link holds.${gone}`,
      )
    })

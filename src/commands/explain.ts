import { explanationSchema, type Explanation } from '@uzima/contracts'
import { Command } from 'commander'
import { explainEntry } from '../explain/answer.js'
import { parseCount } from './arguments.js'
import { examples } from './examples.js'
import { userOf } from './export-audit.js'
import { say, table, type JsonFlag } from './output.js'
import { withStore } from './with-store.js'

/** `uzima explain <user> <seq>`: what became of one entry of the log for one user. */
export const explainCommand = (): Command =>
  new Command('explain')
    .description('say whether a user could see an entry of the log, and what became of it')
    .argument('<user>', 'by name or id; a deleted one, too')
    .argument('<seq>', 'the number of the entry', parseCount)
    .addHelpText(
      'after',
      examples(
        ['uzima explain ana 4711', 'was it allowed, as what, and when was it sent'],
        ['uzima explain ana 4711 --json', 'for a program'],
      ),
    )
    .action(async (user: string, seq: number, flags: JsonFlag) => {
      const query = { ...userOf(user), seq }
      const answer = await withStore({
        inDatabase: (database) => explainEntry(database, query),
        throughServer: (rest) => {
          const search = new URLSearchParams({ ...query, seq: seq.toString() })
          return rest.request('GET', `/api/explain?${search.toString()}`, explanationSchema)
        },
      })
      say(flags, answer, textOf(answer))
    })

const textOf = ({ entry, because, roles, deliveries, sentence }: Explanation): string =>
  [
    sentence,
    because,
    '',
    `Entry ${entry.seq.toString()}: ${entry.name} ${entry.ref ?? ''} at ${entry.at}, for ${entry.audience}`,
    ...(roles.length === 0
      ? []
      : [
          '',
          table(
            ['ROLE', 'SINCE', 'UNTIL', 'BY', 'RECEIVES IT', 'GRANT'],
            roles.map(({ role, since, until, by, allows, grant }) => [
              role,
              since,
              until ?? '-',
              by ?? '-',
              allows ? 'yes' : 'no',
              grant === undefined ? '-' : `${grant.kind} ${grant.id}`,
            ]),
          ),
        ]),
    ...(deliveries.length === 0
      ? []
      : [
          '',
          table(
            ['SOCKET', 'NODE', 'CONNECTED', 'ENDED', 'HOW', 'OUTCOME', 'WRITTEN BY', 'APPLIED BY'],
            deliveries.map((one) => [
              one.socketId,
              one.node,
              one.connectedAt,
              one.closedAt === undefined ? '-' : `${one.closedAt} ${one.code ?? ''}`,
              one.how,
              one.outcome,
              one.writtenAt ?? '-',
              one.appliedAt ?? '-',
            ]),
          ),
        ]),
  ].join('\n')

import { Argument, Command } from 'commander'
import { factOf } from '../audit/evidence/answers/facts.js'
import { answerTo, QUESTIONS, type Question } from '../audit/evidence/answers/questions.js'
import { parseTime } from './arguments.js'
import {
  expectHolds,
  tellVerdict,
  verifyFiles,
  withFileFlags,
  type FileFlags,
} from './audit-files.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { remark, table, type JsonFlag } from './output.js'

interface AnswerFlags extends FileFlags, JsonFlag {
  readonly at?: Date
  readonly sku?: string
}

const FILES = '--export e.jsonl --checkpoint c.txt --key k.txt'

/** `uzima audit answer`: what an auditor asks, from an export that holds. */
export const answerCommand = (): Command =>
  withFileFlags(
    new Command('answer')
      .description('verify an export and answer a question from it alone')
      .addArgument(new Argument('<question>').choices(QUESTIONS))
      .argument('[about]', 'the sku, the user (id or name) or the lot that is asked about'),
  )
    .option('--at <time>', 'the moment that is asked about', parseTime)
    .option('--sku <sku>', 'of moved: only of this item')
    .option('--json', 'one JSON document: { verdict, answer }')
    .addHelpText(
      'after',
      examples(
        [`uzima audit answer could-see AMOX --at 2026-01-31T12:00Z ${FILES}`, 'who, as what'],
        [`uzima audit answer access-ended juma ${FILES}`, 'when, by whom, node by node'],
        [`uzima audit answer moved LOT-7 ${FILES}`, 'who moved it, and when'],
        [`uzima audit answer break-glass ${FILES}`, 'by whom, why, and who reviewed it'],
        [`uzima audit answer connected --at 2026-01-31T12:00Z ${FILES}`, 'who was connected'],
      ),
    )
    .action(async (question: Question, about: string | undefined, flags: AnswerFlags) => {
      const { at, sku } = flags
      const answer = answerTo(question, { about, at, sku })
      if (typeof answer === 'string') {
        throw new CommandError('FAILED', `The question ${question} needs ${answer}.`)
      }
      const verdict = await verifyFiles(flags, {
        onRow: (row, texts, n) => {
          const fact = factOf(row, texts, n)
          if (fact !== undefined) answer.onFact(fact)
        },
        ...(answer.onConnection === undefined ? {} : { onConnection: answer.onConnection }),
      })
      expectHolds(verdict)
      const rows = answer.rows()
      if (flags.json === true) {
        console.log(JSON.stringify({ verdict, answer: rows }))
        return
      }
      const [first] = rows
      console.log(
        first === undefined
          ? 'Nobody, never: nothing in the export says so.'
          : table(
              Object.keys(first).map((name) => name.toUpperCase()),
              rows.map((row) => Object.values(row).map((value) => String(value ?? '-'))),
            ),
      )
      remark(flags, tellVerdict(verdict))
    })

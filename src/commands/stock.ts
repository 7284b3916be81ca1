import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import {
  checkStock,
  differenceLine,
  mendStock,
  type StockDifference,
} from '../inventory/check-stock.js'
import { writeDue } from '../log/due.js'
import { printableLine } from '../observability/printable.js'
import type { Database } from '../storage/database.js'
import { expectedTriggers, findDeadTrigger } from '../storage/triggers.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { withDatabase } from './with-database.js'

/** `uzima stock`: whether totals, alerts, history and expiries are what the lots say. */
export const stockCommand = (): Command =>
  new Command('stock')
    .description('compare totals, alerts and expiries with the lots')
    .addCommand(
      new Command('check')
        .description('only tell; exit code 1 where something differs')
        .addHelpText(
          'after',
          examples(['uzima stock check', 'after rows came in without triggers']),
        )
        .action(async (flags: JsonFlag) => {
          const differences = await withDatabase(loadConfig(), async (database) => {
            await expectTriggers(database)
            return checkStock(database)
          })
          say(flags, { differences }, linesOf(differences))
          if (differences.length > 0) {
            throw new CommandError(
              'CHECK_FAILED',
              `${count(differences)}; uzima stock mend mends them.`,
            )
          }
        }),
    )
    .addCommand(
      new Command('mend')
        .description('tell and mend, each item by an entry of the log')
        .addHelpText(
          'after',
          examples(['uzima stock mend', 'with DATABASE_URL also beside running nodes']),
        )
        .action(async (flags: JsonFlag) => {
          const differences = await withDatabase(loadConfig(), async (database) => {
            await expectTriggers(database)
            const mended = await mendStock(database)
            await writeDue(database)
            return mended
          })
          const end = differences.length === 0 ? '' : `\nMended ${count(differences)}.`
          say(flags, { differences }, `${linesOf(differences)}${end}`)
        }),
    )

/** What is mended without them would go unseen. */
const expectTriggers = async (database: Database): Promise<void> => {
  const dead = await findDeadTrigger(database, await expectedTriggers())
  if (dead !== undefined) throw new CommandError('CHECK_FAILED', dead)
}

const linesOf = (differences: readonly StockDifference[]): string =>
  differences.length === 0
    ? 'Totals, alerts and expiries are what the lots say.'
    : differences.map((difference) => printableLine(differenceLine(difference))).join('\n')

const count = ({ length }: readonly StockDifference[]): string =>
  `${length.toString()} difference${length === 1 ? '' : 's'}`

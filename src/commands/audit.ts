import { Command, InvalidArgumentError } from 'commander'
import { verifyChain } from '../audit/verify.js'
import { loadConfig } from '../config/load.js'
import { withDatabase } from './with-database.js'

/** `uzima audit verify`: whether the connection log is as it was written. */
export const auditCommand = (): Command =>
  new Command('audit').description('check the connection log').addCommand(
    new Command('verify')
      .description('compute the hash chain of every node again and name the first broken link')
      .option('--since <time>', 'only rows from this moment on, such as 2026-01-31', parseTime)
      .action(async ({ since }: { readonly since?: Date }) => {
        const verdict = await withDatabase(loadConfig(), (database) =>
          verifyChain(database, since === undefined ? {} : { since }),
        )
        if (!verdict.holds) {
          const { node, nodeRun, nodeSeq, id, reason } = verdict.broken
          const row = id === null ? '' : `, id ${id.toString()}`
          throw new Error(
            `Row ${nodeSeq.toString()} of node ${node} (run ${nodeRun}${row}) is ${reason}.`,
          )
        }
        const { rows, runs } = verdict
        console.log(`${rows.toString()} rows of ${runs.toString()} node runs, every link holds.`)
      }),
  )

const parseTime = (text: string): Date => {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('Write an ISO 8601 date or time.')
  }
  return time
}

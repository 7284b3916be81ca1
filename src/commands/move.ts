import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import { hasStore } from '../storage/backup.js'
import { moveData } from '../storage/move.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { withMigratedDatabase } from './with-database.js'

/**
 * `uzima move`: from the embedded store to PostgreSQL. The address is the setting itself, because what is typed after a
 * command, password and all, is there for everybody on the machine to read.
 */
export const moveCommand = (): Command =>
  new Command('move')
    .description('copy the embedded database of DATA_DIR into the empty PostgreSQL of DATABASE_URL')
    .addHelpText('after', examples(['uzima move', 'with DATABASE_URL set, while no server runs']))
    .action(async (flags: JsonFlag) => {
      const config = loadConfig()
      const { databaseUrl, dataDir } = config
      if (databaseUrl === undefined) {
        throw new CommandError(
          'NO_DATABASE',
          'Set DATABASE_URL to the PostgreSQL that takes the data.',
        )
      }
      if (!(await hasStore(dataDir))) {
        throw new CommandError('NO_DATABASE', `There is no embedded database in ${dataDir}.`)
      }
      const report = await withMigratedDatabase({ databaseUrl: undefined, dataDir }, (source) =>
        withMigratedDatabase({ databaseUrl, dataDir }, (target) => moveData(source, target)),
      )
      const { rows, tables, seq } = report
      say(
        flags,
        report,
        `Moved ${rows.toString()} rows of ${tables.toString()} tables, the log to number ${seq.toString()}. ` +
          `Start the servers with DATABASE_URL. ${dataDir} is used for the log-in key only from now on, unless JWT_SECRET is set.`,
      )
    })

import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import { hasStore } from '../storage/backup.js'
import { moveData } from '../storage/move.js'
import { withDatabase } from './with-database.js'

/**
 * `uzima move`: from the embedded store to PostgreSQL. The address is the setting itself, because what is typed after a
 * command, password and all, is there for everybody on the machine to read.
 */
export const moveCommand = (): Command =>
  new Command('move')
    .description('copy the embedded database of DATA_DIR into the empty PostgreSQL of DATABASE_URL')
    .action(async () => {
      const config = loadConfig()
      const { databaseUrl, dataDir } = config
      if (databaseUrl === undefined) {
        throw new Error('Set DATABASE_URL to the PostgreSQL that takes the data.')
      }
      if (!(await hasStore(dataDir)))
        throw new Error(`There is no embedded database in ${dataDir}.`)
      const { rows, tables, seq } = await withDatabase(
        { databaseUrl: undefined, dataDir },
        (source) => withDatabase({ databaseUrl, dataDir }, (target) => moveData(source, target)),
      )
      console.log(
        `Moved ${rows.toString()} rows of ${tables.toString()} tables, the log to number ${seq.toString()}. ` +
          `Start the servers with DATABASE_URL. ${dataDir} is used for the log-in key only from now on, unless JWT_SECRET is set.`,
      )
    })

import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import { backUpStore, restoreStore, type CopyReport } from '../storage/backup.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { fail } from './with-database.js'

/** `uzima backup`: a copy of the embedded store, taken while a server uses it. */
export const backupCommand = (): Command =>
  new Command('backup')
    .description('copy the embedded database into a new folder, also while the server runs')
    .argument('<folder>', 'a folder that does not exist yet')
    .addHelpText(
      'after',
      examples(['uzima backup copies/monday', 'beside the server, with its settings']),
    )
    .action(async (folder: string, flags: JsonFlag) => {
      const { databaseUrl, dataDir } = loadConfig()
      if (databaseUrl !== undefined) {
        throw new CommandError(
          'DATABASE_IS_POSTGRES',
          'The data is in the PostgreSQL of DATABASE_URL. Run: pg_dump --format=custom --file=uzima.dump "$DATABASE_URL"',
        )
      }
      const report = await backUpStore(dataDir, folder, fail)
      say(flags, { folder, ...report }, `Copied to ${folder}: ${told(report)}.`)
    })

/** `uzima restore`: puts a copy where a server finds it. */
export const restoreCommand = (): Command =>
  new Command('restore')
    .description('put a copy made by uzima backup into DATA_DIR, which must hold no database')
    .argument('<folder>', 'what uzima backup made')
    .addHelpText('after', examples(['uzima restore copies/monday', 'before the server starts']))
    .action(async (folder: string, flags: JsonFlag) => {
      const { databaseUrl, dataDir } = loadConfig()
      if (databaseUrl !== undefined) {
        throw new CommandError(
          'DATABASE_IS_POSTGRES',
          'The data is in the PostgreSQL of DATABASE_URL. Make a new database and run: pg_restore --no-owner --dbname="$DATABASE_URL" uzima.dump; then in psql: select start_new_epoch()',
        )
      }
      const report = await restoreStore(folder, dataDir, fail)
      say(
        flags,
        { dataDir, ...report },
        `Restored to ${dataDir}: ${told(report)}.\n` +
          'Rights are as old as the copy: dismiss again whom you have dismissed since. Clients read everything anew.',
      )
    })

const told = ({ rows, seq, bytes }: CopyReport): string =>
  `${rows.toString()} rows, the log to number ${seq.toString()}, ${Math.ceil(bytes / 1_048_576).toString()} MiB`

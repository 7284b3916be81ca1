import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import { backUpStore, restoreStore, type CopyReport } from '../storage/backup.js'
import { fail } from './with-database.js'

/** `uzima backup`: a copy of the embedded store, taken while a server uses it. */
export const backupCommand = (): Command =>
  new Command('backup')
    .description('copy the embedded database into a new folder, also while the server runs')
    .argument('<folder>', 'a folder that does not exist yet')
    .action(async (folder: string) => {
      const { databaseUrl, dataDir } = loadConfig()
      if (databaseUrl !== undefined) {
        throw new Error(
          'The data is in the PostgreSQL of DATABASE_URL. Run: pg_dump --format=custom --file=uzima.dump "$DATABASE_URL"',
        )
      }
      console.log(`Copied to ${folder}: ${told(await backUpStore(dataDir, folder, fail))}.`)
    })

/** `uzima restore`: puts a copy where a server finds it. */
export const restoreCommand = (): Command =>
  new Command('restore')
    .description('put a copy made by uzima backup into DATA_DIR, which must hold no database')
    .argument('<folder>', 'what uzima backup made')
    .action(async (folder: string) => {
      const { databaseUrl, dataDir } = loadConfig()
      if (databaseUrl !== undefined) {
        throw new Error(
          'The data is in the PostgreSQL of DATABASE_URL. Make a new database and run: pg_restore --no-owner --dbname="$DATABASE_URL" uzima.dump; then in psql: select start_new_epoch()',
        )
      }
      console.log(`Restored to ${dataDir}: ${told(await restoreStore(folder, dataDir, fail))}.`)
      console.log(
        'Rights are as old as the copy: dismiss again whom you have dismissed since. Clients read everything anew.',
      )
    })

const told = ({ rows, seq, bytes }: CopyReport): string =>
  `${rows.toString()} rows, the log to number ${seq.toString()}, ${Math.ceil(bytes / 1_048_576).toString()} MiB`

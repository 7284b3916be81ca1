import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import { withDatabase } from './with-database.js'

/** `uzima migrate`: brings the schema of the database up to date. */
export const migrateCommand = (): Command =>
  new Command('migrate')
    .description('bring the schema of the database up to date')
    .action(async () => {
      await withDatabase(loadConfig(), (_database, applied) => {
        console.log(
          applied.length === 0
            ? 'The schema is up to date.'
            : `Applied ${applied.length.toString()} migrations: ${applied.join(', ')}.`,
        )
        return Promise.resolve()
      })
    })

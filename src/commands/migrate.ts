import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { withMigratedDatabase } from './with-database.js'

/** `uzima migrate`: brings the schema of the database up to date. */
export const migrateCommand = (): Command =>
  new Command('migrate')
    .description('bring the schema of the database up to date; a start does it, too')
    .addHelpText('after', examples(['uzima migrate', 'as the owner of the tables']))
    .action(async (flags: JsonFlag) => {
      const applied = await withMigratedDatabase(loadConfig(), (_database, versions) =>
        Promise.resolve(versions),
      )
      say(
        flags,
        { applied },
        applied.length === 0
          ? 'The schema is up to date.'
          : `Applied ${applied.length.toString()} migrations: ${applied.join(', ')}.`,
      )
    })

import { positionSchema } from '@uzima/contracts'
import { Command } from 'commander'
import { z } from 'zod'
import { loadConfig } from '../config/load.js'
import { readHead, startNewEpoch } from '../log/head.js'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { withDatabase } from './with-database.js'
import { withStore } from './with-store.js'

/** `uzima log`: the log that everything live comes from. */
export const logCommand = (): Command =>
  new Command('log')
    .description('show where the log is, or begin it anew after a restore')
    .addCommand(
      new Command('head')
        .description('show the number of the newest entry, and of the oldest that is still kept')
        .addHelpText('after', examples(['uzima log head --json', 'for a program that watches it']))
        .action(async (flags: JsonFlag) => {
          const head = await whereIsTheLog()
          const { seq, epoch, trimmedSeq, at } = head
          const kept = trimmedSeq === null ? '' : `, kept from ${(trimmedSeq + 1).toString()} on`
          const when = at === null ? '' : `, of ${at}`
          say(flags, head, `Entry ${seq.toString()}${when}${kept}, epoch ${epoch}.`)
        }),
    )
    .addCommand(
      new Command('epoch')
        .description('show the name of the log, or give it a new one after a restore')
        .option('--new', 'a new name: every client reads the snapshot instead of going on')
        .addHelpText(
          'after',
          examples(
            ['uzima log epoch', 'clients with another one read the snapshot'],
            ['uzima log epoch --new', 'after a restore, before the nodes start'],
          ),
        )
        .action(async ({ new: begins, ...flags }: JsonFlag & { readonly new?: true }) => {
          if (begins === true) {
            const epoch = await withDatabase(loadConfig(), startNewEpoch)
            say(flags, { epoch, isNew: true }, `The log is now ${epoch}.`)
          } else {
            const { epoch } = await whereIsTheLog()
            say(flags, { epoch, isNew: false }, epoch)
          }
        }),
    )

const readySchema = z.object({ log: positionSchema })

interface Head {
  readonly epoch: string
  readonly seq: number
  /** The last two are null where a server is asked, which does not tell them. */
  readonly trimmedSeq: number | null
  readonly at: string | null
}

const whereIsTheLog = (): Promise<Head> =>
  withStore<Head>({
    inDatabase: readHead,
    throughServer: async (rest) => {
      const { log } = await rest.request('GET', '/health/ready', readySchema)
      return { ...log, trimmedSeq: null, at: null }
    },
  })

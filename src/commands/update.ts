import { Command, Option } from 'commander'
import { resolve } from 'node:path'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/schema.js'
import { parseCount } from './arguments.js'
import { ownUrl } from './checks/server.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { remark, say, type JsonFlag } from './output.js'
import { runAtStart } from './update/at-start.js'
import { createData } from './update/data.js'
import { createInstallation, expectCurrent } from './update/installation.js'
import { readJournal, runningIn, type Journal } from './update/journal.js'
import { follow, requestBack, requestUpdate } from './update/request.js'

interface Flags extends JsonFlag {
  readonly back?: true
  readonly withOldData?: true
  readonly within: number
  readonly folder: string
  readonly atStart?: true
}

const DEFAULT_WITHIN_S = 300

/** `uzima update`: another version in place of the one that runs, and back by itself where that does not become ready. */
export const updateCommand = (): Command =>
  new Command('update')
    .description('install a new version, and go back by itself if it does not become ready')
    .argument('[file]', 'the packed server; left out, tells how the update goes or went')
    .option('--back', 'go back to the version before the last update')
    .option('--with-old-data', 'with --back: to the data of then, too, where it has no other')
    .option(
      '--within <seconds>',
      'how long it may take until it is ready',
      parseCount,
      DEFAULT_WITHIN_S,
    )
    .option('--folder <folder>', 'what deploy/clinic/install.sh has made; its uzima gives it', '.')
    .addOption(new Option('--at-start', 'in place of the server, for uzima.sh').hideHelp())
    .addHelpText(
      'after',
      [
        examples(
          [
            'sudo uzima update uzima-realtime-0.2.0.tgz',
            'copies the data first; 0 once it is ready',
          ],
          ['sudo uzima update --back', 'to the version before'],
        ),
        '\nFor one machine that deploy/clinic/install.sh has set up. Broken off by a power cut or Ctrl-C, it goes',
        'on when the service starts; the same command then tells how it ended.',
      ].join('\n'),
    )
    .action(async (file: string | undefined, flags: Flags) => {
      const installation = createInstallation(resolve(flags.folder))
      const { dataDir, url } = whereItRuns()
      if (flags.atStart === true) {
        process.exitCode = await runAtStart({
          installation,
          dataDir,
          url,
          dataOf: (version) => createData(dataDir, installation.cliOf(version)),
          say: (sentence) => process.stderr.write(`${sentence}\n`),
        })
        return
      }
      const current = await expectCurrent(installation)
      const limitMs = flags.within * 1_000
      if ((await installation.readLink('updater')) !== undefined) {
        remark(flags, 'An update is under way; this waits for its end and begins no other.')
      } else if (flags.back === true) {
        await requestBack(installation, flags.withOldData === true, limitMs)
      } else if (file !== undefined) {
        remark(flags, `Installing ${file} beside ${current}; the service runs on meanwhile.`)
        await requestUpdate(installation, file, limitMs)
      } else {
        const last = await readJournal(installation.root)
        say(flags, { current, last }, last === undefined ? `${current} runs.` : told(last))
        return
      }
      remark(flags, 'The service stops, its data is copied, and the other version starts.')
      const journal = await follow(installation)
      if (journal.outcome !== 'updated') throw new CommandError('NOT_UPDATED', told(journal))
      say(flags, { current: journal.to, last: journal }, told(journal))
    })

/** In one sentence, and one more about data that was replaced. */
const told = (journal: Journal): string => {
  const { from, to, outcome, why = '', setAside, isReady, phase } = journal
  if (phase !== 'ended') return `The update from ${from} to ${to} is under way.`
  const aside =
    setAside === undefined
      ? ''
      : ` The data of before the update is back; what ${runningIn(journal) === to ? from : to} has left is in ${setAside}, which you may remove.`
  if (outcome === 'updated') {
    return `${to} runs and is ready; before it was ${from}.${aside} To go back: uzima update --back`
  }
  const now =
    isReady === true
      ? `${from} runs ${outcome === 'went-back' ? 'again' : 'on'} and is ready.`
      : `${from} was started again, but is not ready either: its log says why.`
  return `${to} ${why.replace(/\.$/, '')}; ${now}${aside}`
}

const whereItRuns = (config: Config = loadConfig()): { dataDir: string; url: string } => {
  if (config.databaseUrl !== undefined) {
    throw new CommandError(
      'DATABASE_IS_POSTGRES',
      'uzima update is for a machine with the embedded database. docs/operations.md, "Upgrade", has the steps for PostgreSQL.',
    )
  }
  const url = ownUrl(config)
  if (url === undefined) {
    throw new CommandError(
      'CONFIG_INVALID',
      'PORT: 0 is another port each time. Set it to one port.',
    )
  }
  return { dataDir: config.dataDir, url }
}

import { readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FolderInUseError, lockFolder } from '../../storage/folder-lock.js'
import { isAlive } from '../../storage/process-identity.js'
import { CommandError } from '../command-error.js'
import { expectCurrent, type Installation } from './installation.js'
import { readJournal, wayBack, writeJournal, type Journal } from './journal.js'
import { installBeside, removeOtherVersions } from './package.js'
import { endProcess } from './server-process.js'

/** The service is started again seconds after its end. */
const PICKED_UP_WITHIN_MS = 120_000
/** Of copies and databases that are opened, on a slow machine. */
const WORK_WITHIN_MS = 1_800_000
const LOOK_EVERY_MS = 300

/** Installs the file beside the version that runs, and asks for it. */
export const requestUpdate = (
  installation: Installation,
  file: string,
  limitMs: number,
): Promise<void> =>
  alone(installation, async () => {
    const from = await expectCurrent(installation)
    const before = wayBack(await readJournal(installation.root))
    await removeOtherVersions(installation, [from, before?.version])
    await removeOtherCopies(installation, before?.copy)
    const to = await installBeside(installation, file)
    if (to === from) {
      throw new CommandError('NOT_UPDATED', `${to} is the version that runs. Nothing has changed.`)
    }
    if ((await installation.newestMigrationOf(to)) < (await installation.newestMigrationOf(from))) {
      throw new CommandError(
        'NOT_UPDATED',
        `${to} is older than the database, which ${from} has changed. To go back to the version before: uzima update --back`,
      )
    }
    await ask(installation, { from, to, limitMs, before })
  })

/** Asks for the version before the last update. `withOldData` allows that its data comes back, too, where it can have no other. */
export const requestBack = (
  installation: Installation,
  withOldData: boolean,
  limitMs: number,
): Promise<void> =>
  alone(installation, async () => {
    const from = await expectCurrent(installation)
    const before = wayBack(await readJournal(installation.root))
    if (before === undefined) {
      throw new CommandError(
        'NOT_UPDATED',
        `There is no version to go back to: ${from} has not come by an update.`,
      )
    }
    const to = before.version
    const isOlder =
      (await installation.newestMigrationOf(to)) < (await installation.newestMigrationOf(from))
    if (!isOlder) return ask(installation, { from, to, limitMs, before })
    const data = before.copy
    if (data === undefined || !(await isThere(data))) {
      throw new CommandError(
        'NOT_UPDATED',
        `${to} cannot work with the data that ${from} has changed, and there is no copy of what was before.`,
      )
    }
    if (!withOldData) {
      throw new CommandError(
        'NOT_UPDATED',
        `${to} cannot work with the data that ${from} has changed, so it gets the data as of the update. What was written since is set aside in DATA_DIR and no longer seen. If that is what you want: uzima update --back --with-old-data`,
      )
    }
    await ask(installation, { from, to, limitMs, before, data })
  })

/** Waits until the update that is under way has ended, and lets it begin: the server ends, and what is started next carries it out. */
export const follow = async ({ root, readLink, readServer }: Installation): Promise<Journal> => {
  const begun = Date.now()
  for (;;) {
    const journal = await readJournal(root)
    if (journal === undefined) throw new CommandError('FAILED', `${root}/update.json is missing.`)
    if (journal.phase === 'ended' && (await readLink('updater')) === undefined) return journal
    const waited = Date.now() - begun
    if (journal.phase === 'asked') {
      const server = await readServer()
      if (await isAlive(server)) await endProcess(server)
      else if (waited > PICKED_UP_WITHIN_MS) {
        throw new CommandError(
          'NOT_UPDATED',
          'Nothing starts the service. Start it (sudo systemctl start uzima, or keep-running): it carries the update out before anything else.',
        )
      }
    } else if (waited > 2 * journal.limitMs + WORK_WITHIN_MS) {
      throw new CommandError(
        'NOT_UPDATED',
        `The update to ${journal.to} has not ended. The log of the service says why (sudo journalctl --unit uzima).`,
      )
    }
    await delay(LOOK_EVERY_MS)
  }
}

/** The journal is written first: without the link it asks for nothing. */
const ask = async (
  installation: Installation,
  wish: Pick<Journal, 'from' | 'to' | 'limitMs' | 'before' | 'data'>,
): Promise<void> => {
  const stamp = Date.now().toString()
  await writeJournal(installation.root, { ...wish, phase: 'asked', stamp })
  await installation.point('updater', wish.from)
}

const alone = async (
  { root, versions }: Installation,
  work: () => Promise<void>,
): Promise<void> => {
  const lock = await lockFolder(versions).catch((cause: unknown) => {
    if (!(cause instanceof FolderInUseError)) throw cause
    throw new CommandError('NOT_UPDATED', `Another uzima update works on ${root}. Wait for it.`, {
      cause,
    })
  })
  try {
    await work()
  } finally {
    await lock.release()
  }
}

/** A copy is needed until the next update has one. */
const removeOtherCopies = async (
  { copies }: Installation,
  keep: string | undefined,
): Promise<void> => {
  for (const name of await namesIn(copies)) {
    if (keep === undefined || name !== basename(keep)) {
      await rm(join(copies, name), { recursive: true })
    }
  }
}

const isThere = async (copy: string): Promise<boolean> => (await namesIn(copy)).length > 0

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Data } from './data.js'
import type { Installation } from './installation.js'
import { readJournal, runningIn, writeJournal, type Journal } from './journal.js'
import { endProcess, startVersion, waitUntilReady, type ServerChild } from './server-process.js'

export interface AtStart {
  readonly installation: Installation
  readonly dataDir: string
  /** Where the server answers on this machine. */
  readonly url: string
  /** By the commands of the version that the update goes away from. */
  readonly dataOf: (version: string) => Data
  readonly say: (sentence: string) => void
}

/** A version that ends at once is started again: its port, or its disk, may have been busy. */
const TRIES = 3
const BETWEEN_TRIES_MS = 1_000

/**
 * What starts in place of the server while an update is under way, so that one process at a time acts on versions and data,
 * whoever was killed before. It goes on where the journal stands: copies the data, tries the new version, goes back where that
 * does not become ready, and then is the server, until that ends. Resolves to its exit code.
 */
export const runAtStart = async (context: AtStart): Promise<number> => {
  const { installation, dataOf, say } = context
  const { root } = installation
  let journal = await readJournal(root)
  if (journal === undefined)
    throw new Error(`${root}/update.json is missing. Remove ${root}/updater.`)
  // Of a run that was killed.
  await endProcess(await installation.readServer())
  await dataOf(journal.from).waitUntilFree()
  let server: ServerChild | undefined
  let isStopping = false
  const stop = (signal: NodeJS.Signals): void => {
    // Without a server the end of this process ends nothing that it does not go on with.
    if (server === undefined || server.hasExited()) process.exit(1)
    isStopping = true
    server.signal(signal)
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)

  const enter = async (next: Journal): Promise<Journal> => {
    await writeJournal(root, next)
    return next
  }
  /** Resolves to why it is no good; undefined once it is ready. */
  const start = async (version: string, limitMs: number): Promise<string | undefined> => {
    const deadline = Date.now() + limitMs
    for (let tries = 1; ; tries += 1) {
      server = await startVersion(installation, version)
      if (await waitUntilReady(server, context.url, deadline)) return undefined
      // Whoever stops the service says nothing about the version.
      if (isStopping) process.exit(await server.exited)
      if (!server.hasExited()) {
        await server.end()
        return `was not ready within ${Math.round(limitMs / 1_000).toString()} seconds`
      }
      if (tries === TRIES) return 'ended before it was ready, each time that it was started'
      await delay(BETWEEN_TRIES_MS)
    }
  }

  while (journal.phase !== 'ended') {
    say(`Update from ${journal.from} to ${journal.to}: ${journal.phase}.`)
    journal = await enter(await STEPS[journal.phase](journal, context, start))
  }
  await installation.removeLink('updater')
  server ??= await startVersion(installation, runningIn(journal))
  return server.exited
}

type Step = (
  journal: Journal,
  context: AtStart,
  start: (version: string, limitMs: number) => Promise<string | undefined>,
) => Promise<Journal>

/** Each does its work, which may have been done already, and resolves to what the journal says after it. */
const STEPS: Readonly<Record<Exclude<Journal['phase'], 'ended'>, Step>> = {
  asked: (journal) => Promise.resolve({ ...journal, phase: 'copying' }),
  copying: async (journal, { installation, dataOf }) => {
    const data = dataOf(journal.from)
    if (!(await data.exists())) return { ...journal, phase: 'copied' }
    // A name of its own: of a run that was killed the command may still work on its folder.
    const copy = join(installation.copies, `before-${journal.to}-${Date.now().toString()}`)
    try {
      await mkdir(installation.copies, { recursive: true, mode: 0o700 })
      await data.copyTo(copy)
    } catch (error) {
      const why = `was not tried, because the data could not be copied: ${reasonOf(error)}`
      return { ...journal, phase: 'returned', outcome: 'not-begun', why }
    }
    return { ...journal, phase: 'copied', copy }
  },
  copied: async (journal, { installation, dataOf, dataDir }) => {
    const setAside = join(dataDir, `pglite.of-${journal.from}-${journal.stamp}`)
    if (journal.data !== undefined) await dataOf(journal.from).replaceBy(journal.data, setAside)
    await installation.point('current', journal.to)
    return { ...journal, phase: 'trying', ...(journal.data === undefined ? {} : { setAside }) }
  },
  trying: async (journal, _context, start) => {
    const why = await start(journal.to, journal.limitMs)
    return why === undefined
      ? { ...journal, phase: 'ended', outcome: 'updated', isReady: true }
      : { ...journal, phase: 'returning', why }
  },
  returning: async (journal, { installation, dataOf, dataDir }) => {
    const { from, to, copy, data, stamp } = journal
    await installation.point('current', from)
    const setAside = join(dataDir, `pglite.of-${to}-${stamp}`)
    const old = dataOf(from)
    const isReplaced =
      copy !== undefined &&
      (data !== undefined || (await old.isSetAside(setAside)) || !(await old.fits()))
    if (!isReplaced) return { ...journal, phase: 'returned' }
    await old.replaceBy(copy, setAside)
    return { ...journal, phase: 'returned', setAside }
  },
  returned: async (journal, _context, start) => {
    const trouble = await start(journal.from, journal.limitMs)
    const outcome = journal.outcome ?? 'went-back'
    return { ...journal, phase: 'ended', outcome, isReady: trouble === undefined }
  },
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

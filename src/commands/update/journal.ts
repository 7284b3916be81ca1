import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../../storage/durable-files.js'

/**
 * How far an update has come; `deploy/clinic/README.md` says what is true in each phase, and what happens after a power cut:
 * `asked` (the new version is beside the old one, which runs), `copying` the data, `copied`, `trying` the new version, `returning` to the version
 * before, `returned` to it, `ended`.
 */
const PHASES = ['asked', 'copying', 'copied', 'trying', 'returning', 'returned', 'ended'] as const

/** A version to go back to, and the data as it was then. */
const placeSchema = z.object({ version: z.string(), copy: z.string().optional() })
type Place = z.infer<typeof placeSchema>

const journalSchema = z.object({
  phase: z.enum(PHASES),
  from: z.string(),
  to: z.string(),
  /** Where `from` has come from: what a way back leads to where this update fails. */
  before: placeSchema.optional(),
  /** A copy that the new version has to begin with, where somebody goes back on purpose. */
  data: z.string().optional(),
  /** What is set aside of the data gets this at the end of its name. */
  stamp: z.string(),
  /** How long a version may take until it is ready. */
  limitMs: z.number(),
  /** The copy of the data as the version before has left it; there is none where it had no database. */
  copy: z.string().optional(),
  /** Why it went back, or was not begun; completes the sentence "<version> ...". */
  why: z.string().optional(),
  /** Where the data is that was replaced by a copy. */
  setAside: z.string().optional(),
  outcome: z.enum(['updated', 'went-back', 'not-begun']).optional(),
  /** Whether the version that runs in the end was ready. */
  isReady: z.boolean().optional(),
})
export type Journal = z.infer<typeof journalSchema>

/** The journal of the update that is under way, or of the last one. */
export const readJournal = async (root: string): Promise<Journal | undefined> => {
  const text = await readFile(pathIn(root), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : journalSchema.parse(JSON.parse(text))
}

/** Replaces it in one step, which survives a power cut once this resolves. */
export const writeJournal = (root: string, journal: Journal): Promise<void> =>
  replaceFile(pathIn(root), `${JSON.stringify(journal, null, 2)}\n`)

/** Where a way back leads after an update that has ended; undefined where there has been none that succeeded. */
export const wayBack = (last: Journal | undefined): Place | undefined =>
  last?.outcome === 'updated' ? { version: last.from, copy: last.copy } : last?.before

/** The version that runs after an update that has ended. */
export const runningIn = ({ outcome, from, to }: Journal): string =>
  outcome === 'updated' ? to : from

const pathIn = (root: string): string => join(root, 'update.json')

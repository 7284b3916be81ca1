import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { explainFolderError } from '../config/start-errors.js'

/** A copy that the server keeps. Its name has the time, so that neither a restart nor a move of the folder changes it. */
export interface KeptCopy {
  readonly name: string
  readonly at: Date
}

const NAME = /^uzima-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z$/
const DRAFT = '.new'
/** A copy takes minutes: what is older was left by a process that is gone. */
const DRAFT_LIVES_MS = 3_600_000

/** `uzima-2026-11-28T00-28-00Z`: in the order of time, and allowed on the disks of Windows, too. */
export const copyName = (at: Date): string =>
  `uzima-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z`

/** When the copy of this name was made; undefined where it is no name of ours. */
export const copyTime = (name: string): Date | undefined => {
  const [, day, hour, minute, second] = NAME.exec(name) ?? []
  if (day === undefined) return undefined
  const at = new Date(`${day}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`)
  // 31 February is no day, or another one.
  return !Number.isNaN(at.getTime()) && copyName(at) === name ? at : undefined
}

/**
 * The copies, the newest first, as of `now`. One of the future was made while the clock was wrong, so nobody knows when: it
 * counts as the oldest.
 */
export const sortCopies = (names: readonly string[], now: Date): KeptCopy[] => {
  const copies = names.flatMap((name) => {
    const at = copyTime(name)
    return at === undefined ? [] : [{ name, at }]
  })
  const rank = ({ at }: KeptCopy): number => (at > now ? -Infinity : at.getTime())
  return copies.sort((a, b) =>
    rank(a) === rank(b) ? b.at.getTime() - a.at.getTime() : rank(b) - rank(a),
  )
}

/** The time of the newest of them that is not of the future. */
export const newestCopy = (copies: readonly KeptCopy[], now: Date): Date | undefined =>
  copies.find(({ at }) => at <= now)?.at

/** What is in the folder, the newest first; throws `StartError` where it cannot be read. */
export const readCopies = async (folder: string, now: Date): Promise<KeptCopy[]> => {
  try {
    return sortCopies(await foldersIn(folder), now)
  } catch (error) {
    throw explainFolderError(error, folder, 'BACKUP_DIR')
  }
}

/** Makes the folder where it is missing; throws `StartError` where that fails. */
export const makeCopiesFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw explainFolderError(error, folder, 'BACKUP_DIR')
  }
}

/** Removes all but the `keep` newest copies, and what broken-off copies have left; nothing of another name is touched. */
export const removeOldCopies = async (folder: string, keep: number, now: Date): Promise<void> => {
  const names = await foldersIn(folder)
  const old = sortCopies(names, now).slice(keep)
  const left = names.filter((name) => {
    const at = name.endsWith(DRAFT) ? copyTime(name.slice(0, -DRAFT.length)) : undefined
    return at !== undefined && now.getTime() - at.getTime() > DRAFT_LIVES_MS
  })
  for (const name of [...old.map((copy) => copy.name), ...left]) {
    await rm(join(folder, name), { recursive: true })
  }
}

const foldersIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

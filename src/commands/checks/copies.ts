import { access, constants, stat } from 'node:fs/promises'
import type { Config } from '../../config/schema.js'
import { explainFolderError } from '../../config/start-errors.js'
import { newestCopy, readCopies } from '../../storage/kept-copies.js'
import { fail, ok, warn, type Finding } from './finding.js'

/** Periods after which one copy, and after which several, did not come. */
const LATE = 2
const LOST = 4
const UNITS = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
] as const

/** The copies in BACKUP_DIR: whether the folder can be written, and how old the newest is. */
export const checkCopies = async ({
  backupDir: folder,
  backupEveryMs,
  backupKeep,
  dataDir,
}: Config): Promise<Finding[]> => {
  if (folder === undefined) return []
  if (await isMissing(folder)) {
    return [
      warn('copies', `BACKUP_DIR: ${folder} is not there yet. The server makes it when it starts.`),
    ]
  }
  const now = new Date()
  const copies = await readCopies(folder, now)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw explainFolderError(error, folder, 'BACKUP_DIR')
  })
  const newest = newestCopy(copies, now)
  if (newest === undefined) {
    return [
      warn(
        'copies',
        `BACKUP_DIR: ${folder} has no copy yet. The server makes one when it starts; where it runs, its log says why there is none.`,
      ),
    ]
  }
  const ageMs = now.getTime() - newest.getTime()
  const told = `${copies.length.toString()} of ${backupKeep.toString()} in ${folder}, the newest ${forPeople(ageMs)} old`
  if (ageMs > LATE * backupEveryMs) {
    const level = ageMs > LOST * backupEveryMs ? fail : warn
    return [
      level(
        'copies',
        `${told}, and BACKUP_EVERY wants one each ${forPeople(backupEveryMs)}. Start the server; where it runs, its log says why there is no newer one.`,
      ),
    ]
  }
  const [ofCopies, ofData] = [await stat(folder), await stat(dataDir).catch(() => undefined)]
  return [
    ok(
      'copies',
      ofCopies.dev === ofData?.dev
        ? `${told}; they are on the disk of the data, and would be lost with it`
        : told,
    ),
  ]
}

const isMissing = async (folder: string): Promise<boolean> => {
  try {
    await stat(folder)
    return false
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true
    throw explainFolderError(error, folder, 'BACKUP_DIR')
  }
}

const forPeople = (ms: number): string => {
  const [unit, size] = UNITS.find(([, each]) => ms >= 2 * each) ?? ['seconds', 1_000]
  return `${Math.floor(ms / size).toString()} ${unit}`
}

import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bytesIn } from '../folder-size.js'
import { freeBytes } from '../free-space.js'
import { readCopies } from '../kept-copies.js'

export const DISK_NAMES = ['data', 'copies'] as const
/** `data`: that of DATA_DIR. `copies`: that of BACKUP_DIR, where it is another one. */
export type DiskName = (typeof DISK_NAMES)[number]

/** A disk that the server writes, as it is now. */
export interface Disk {
  readonly name: DiskName
  /** Bytes that can still be written. */
  readonly free: number
  /** The same once there are as many copies as are to be kept; below zero where they do not all fit. */
  readonly spare: number
}

/** Settings that say which disks are written. */
export interface DiskSettings {
  readonly dataDir: string
  readonly backupDir: string | undefined
  readonly backupKeep: number
}

/**
 * Measures the disks of DATA_DIR and BACKUP_DIR, or those on which a start would make these folders. A disk whose file system
 * does not tell is left out.
 */
export const measureDisks = async ({
  dataDir,
  backupDir,
  backupKeep,
}: DiskSettings): Promise<Disk[]> => {
  const data = await existing(dataDir)
  if (backupDir === undefined) return measure('data', data, 0)
  const copies = await existing(backupDir)
  const there = await readCopies(backupDir, new Date()).catch(() => [])
  // A copy is as large as what it is of.
  const each = await bytesIn(join(dataDir, 'pglite')).catch(() => 0)
  const toCome = Math.max(backupKeep - there.length, 0) * each
  if ((await deviceOf(data)) === (await deviceOf(copies))) return measure('data', data, toCome)
  return [...(await measure('data', data, 0)), ...(await measure('copies', copies, toCome))]
}

const measure = async (name: DiskName, folder: string, toCome: number): Promise<Disk[]> => {
  const free = await freeBytes(folder)
  return free === undefined ? [] : [{ name, free, spare: free - toCome }]
}

const deviceOf = async (folder: string): Promise<number | undefined> =>
  (await stat(folder).catch(() => undefined))?.dev

/** The folder itself, or the one in which a start would make it. */
export const existing = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined || path === dirname(path)) return path
  return existing(dirname(path))
}

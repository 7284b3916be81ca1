import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../durable-files.js'
import type { DiskSample } from './forecast.js'
import { DISK_NAMES, type Disk, type DiskName } from './measure.js'

/** What was measured of each disk, in the order in which it was. */
export type DiskHistory = Readonly<Record<DiskName, readonly DiskSample[]>>

const FILE = 'disks.json'
const HOUR_MS = 3_600_000
/** Fourteen days of a server that runs without an end; some 20 kB. */
const MOST = 14 * 24

const samplesSchema = z
  .array(z.object({ at: z.number(), free: z.number(), spare: z.number() }))
  .default([])
const historySchema = z.object({ data: samplesSchema, copies: samplesSchema })

/** What the server has left in `dataDir`; nothing where nothing is there, or nothing that can be read. */
export const readDiskHistory = async (dataDir: string): Promise<DiskHistory> => {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch(() => '')
  const found = historySchema.safeParse(parsed(text))
  return found.success ? found.data : { data: [], copies: [] }
}

/** Leaves it in `dataDir`, which must be there. */
export const writeDiskHistory = (dataDir: string, history: DiskHistory): Promise<void> =>
  replaceFile(join(dataDir, FILE), JSON.stringify(history))

/**
 * The history with how the disks are now, where the last sample of one is an hour away; else the same object. The oldest by
 * order go, not by their time: a machine that begins with the clock of 1970 must not forget what it knows.
 */
export const addToHistory = (
  history: DiskHistory,
  disks: readonly Disk[],
  at: number,
): DiskHistory => {
  const next = { ...history }
  let isNew = false
  for (const name of DISK_NAMES) {
    const disk = disks.find((each) => each.name === name)
    const last = history[name].at(-1)
    if (disk === undefined || (last !== undefined && Math.abs(at - last.at) < HOUR_MS)) continue
    next[name] = [...history[name], { at, free: disk.free, spare: disk.spare }].slice(-MOST)
    isNew = true
  }
  return isNew ? next : history
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

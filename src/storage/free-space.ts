import { statfs } from 'node:fs/promises'

/** Two segments of the write-ahead log: with less the next one may not fit, which hangs the embedded store for good. */
export const KEEP_FREE_BYTES = 32 * 1_048_576
const CHECK_EVERY_MS = 500

/** How many bytes this user can still write on the disk of a folder; undefined where the file system does not tell. */
export const freeBytes = async (folder: string): Promise<number | undefined> => {
  const state = await statfs(folder).catch(() => undefined)
  return state === undefined ? undefined : state.bavail * state.bsize
}

/** Watches the disk of a folder. */
export interface FreeSpace {
  /** Whether less than 32 MiB are left, as of the last check (each half second). */
  readonly isScarce: () => boolean
  readonly stop: () => void
}

/** Begins to watch; resolves when the disk has been looked at once. */
export const watchFreeSpace = async (folder: string): Promise<FreeSpace> => {
  let scarce = false

  const check = async (): Promise<void> => {
    // A file system that does not tell is taken for a large one; the store still reports what it runs into.
    const free = await freeBytes(folder)
    if (free !== undefined) scarce = free < KEEP_FREE_BYTES
  }
  await check()
  const timer = setInterval(() => void check(), CHECK_EVERY_MS)
  timer.unref()

  return {
    isScarce: () => scarce,
    stop: () => {
      clearInterval(timer)
    },
  }
}

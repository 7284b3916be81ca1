import { statfs } from 'node:fs/promises'

// Two segments of the write-ahead log: with less the next one may not fit, which hangs the embedded store for good.
const KEEP_FREE_BYTES = 32 * 1_048_576
const CHECK_EVERY_MS = 500

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
    try {
      const { bavail, bsize } = await statfs(folder)
      scarce = bavail * bsize < KEEP_FREE_BYTES
    } catch {
      // A file system that does not tell is taken for a large one; the store still reports what it runs into.
    }
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

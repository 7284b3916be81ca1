/** Choices for the idle time after which the page locks, in minutes; 0 is never. */
export const LOCK_AFTER_MINUTES = [1, 2, 5, 15, 30, 60, 0] as const

const KEY = 'uzima.lockAfterMinutes'
const DEFAULT_MINUTES = 15

/** Reads what is set for this device, in minutes; 0 is never. Default 15. */
export const readLockAfter = (storage: Pick<Storage, 'getItem'>): number => {
  const kept = storage.getItem(KEY)
  const minutes = Number(kept ?? DEFAULT_MINUTES)
  return minutes >= 0 ? minutes : DEFAULT_MINUTES
}

export const writeLockAfter = (storage: Pick<Storage, 'setItem'>, minutes: number): void => {
  storage.setItem(KEY, minutes.toString())
}

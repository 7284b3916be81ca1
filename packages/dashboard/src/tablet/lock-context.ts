import { createContext, use, useSyncExternalStore } from 'react'
import type { IdleLock } from './idle-lock.js'

export const LockContext = createContext<IdleLock | null>(null)

/** Gives the lock of this tab; only inside the page's guards. */
export const useLock = (): IdleLock => {
  const lock = use(LockContext)
  if (lock === null) throw new TypeError('useLock needs a LockGuard above it')
  return lock
}

export const useIsLocked = (): boolean => {
  const { subscribe, get } = useLock()
  return useSyncExternalStore(subscribe, get)
}

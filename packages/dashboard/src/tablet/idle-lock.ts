import type { Observable } from '@uzima/client'
import { createListeners } from '../listeners.js'

export interface IdleLock extends Observable<boolean> {
  readonly lock: () => void
  readonly unlock: () => void
  /** Somebody did something. */
  readonly active: () => void
  /** Locks where it is time; called often. */
  readonly check: () => void
  /** Forgets all of it: nobody is signed in. */
  readonly forget: () => void
}

export interface IdleLockOptions {
  /** Outlives a reload, so that a reload opens nothing, and ends with the tab, as the session does. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  /** Idle time after which it locks, in milliseconds; null for never. */
  readonly afterMs: () => number | null
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
}

const LOCKED = 'uzima.locked'
const ACTIVE_AT = 'uzima.activeAt'
/** The storage need not know of each move of a finger. */
const WRITE_EVERY_MS = 1000

/** Makes the lock of one person's session at this tab; locked from the start where it was before a reload, or idle since. */
export const createIdleLock = ({ storage, afterMs, now = Date.now }: IdleLockOptions): IdleLock => {
  const listeners = createListeners()
  let activeAt = Number(storage.getItem(ACTIVE_AT) ?? now())
  let writtenAt = 0
  let locked = storage.getItem(LOCKED) !== null

  const set = (next: boolean): void => {
    if (next === locked) return
    locked = next
    if (locked) storage.setItem(LOCKED, '1')
    else storage.removeItem(LOCKED)
    listeners.call()
  }
  const isIdle = (): boolean => {
    const limit = afterMs()
    return limit !== null && now() - activeAt >= limit
  }
  const active = (): void => {
    // The first touch after a long time is not by whom it was left open for.
    if (locked || isIdle()) {
      set(true)
      return
    }
    activeAt = now()
    if (activeAt - writtenAt < WRITE_EVERY_MS) return
    writtenAt = activeAt
    storage.setItem(ACTIVE_AT, activeAt.toString())
  }

  if (isIdle()) set(true)
  active()

  return {
    get: () => locked,
    subscribe: listeners.subscribe,
    lock: () => {
      set(true)
    },
    unlock: () => {
      activeAt = now()
      set(false)
      active()
    },
    active,
    check: () => {
      if (isIdle()) set(true)
    },
    forget: () => {
      storage.removeItem(LOCKED)
      storage.removeItem(ACTIVE_AT)
    },
  }
}

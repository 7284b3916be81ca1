import { randomUuid } from '../uuid.js'

/** Tells which queue objects of this origin live, so that a write of a tab that died is not waited for. */
export interface TabPresence {
  readonly id: string
  /** Resolves when others can see it. */
  readonly appear: () => Promise<void>
  readonly vanish: () => void
  /** Ids of those who live; undefined where the browser cannot tell. */
  readonly living: () => Promise<ReadonlySet<string | undefined> | undefined>
}

/**
 * Holds a Web Lock named after the queue object: the browser lets it go when the tab is closed or crashes. Only news of
 * deaths come from here; a tab that is frozen lives, and loses its write by the end of the lease. Pages of plain http have no
 * locks and go by the lease alone.
 */
export const createTabPresence = (
  locks: Pick<LockManager, 'request' | 'query'> | null | undefined,
): TabPresence => {
  const id = `uzima:queue:${randomUuid()}`
  let letGo: (() => void) | undefined
  return {
    id,
    appear: () =>
      new Promise((resolve) => {
        if (!locks) {
          resolve()
          return
        }
        const held = new Promise<void>((release) => {
          letGo = release
        })
        const isHeld = (): Promise<void> => {
          resolve()
          return held
        }
        // Refused to a page that is going away, and to one without an origin: it goes by the lease.
        locks.request(id, isHeld).catch(resolve)
      }),
    vanish: () => letGo?.(),
    living: async () => {
      const names = (await locks?.query())?.held?.map(({ name }) => name)
      return names && new Set(names)
    },
  }
}

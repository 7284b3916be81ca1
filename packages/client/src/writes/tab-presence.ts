/** Tells which queue objects of this origin live, so that a write of a tab that died is not waited for. */
export interface TabPresence {
  readonly id: string
  /** Resolves when others can see it. */
  readonly appear: () => Promise<void>
  readonly vanish: () => void
  /** Ids of those who live; undefined where the browser cannot tell. */
  readonly living: () => Promise<ReadonlySet<string> | undefined>
}

const PREFIX = 'uzima:queue:'

/**
 * Holds a Web Lock named after the queue object: the browser lets it go when the tab is closed or crashes. Only news of
 * deaths come from here; a tab that is frozen lives, and loses its write by the end of the lease. Pages of plain http have no
 * locks and go by the lease alone.
 */
export const createTabPresence = (
  id: string,
  locks: Pick<LockManager, 'request' | 'query'> | undefined,
): TabPresence => {
  let letGo: (() => void) | undefined
  return {
    id,
    appear: () =>
      new Promise((resolve) => {
        if (locks === undefined || letGo !== undefined) {
          resolve()
          return
        }
        const held = new Promise<void>((release) => {
          letGo = release
        })
        locks
          .request(PREFIX + id, () => {
            resolve()
            return held
          })
          // Refused to a page that is going away, and to one without an origin: it goes by the lease.
          .catch(() => {
            resolve()
          })
      }),
    vanish: () => {
      letGo?.()
      letGo = undefined
    },
    living: async () => {
      const names = (await locks?.query())?.held?.map(({ name = '' }) => name)
      return (
        names &&
        new Set(
          names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)),
        )
      )
    },
  }
}

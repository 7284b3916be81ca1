/** The database's time, carried on between two reads by this process's monotonic clock, which nobody sets. */
export interface DatabaseClock {
  /** Milliseconds since 1970; by this machine's clock until the first read. */
  readonly now: () => number
  /** Takes over what a read that was asked at `askedAt` (`performance.now()`) and has just been answered says. */
  readonly set: (readAt: Date, askedAt: number) => void
}

export const createDatabaseClock = (): DatabaseClock => {
  /** What to add to `performance.now()`; before the first read, what this machine's clock says. */
  let offsetMs: number | undefined

  return {
    now: () => (offsetMs === undefined ? Date.now() : performance.now() + offsetMs),
    set(readAt, askedAt) {
      // It was read between question and answer, so these are the bounds; the slower the answer, the wider, and what lies
      // between them already is as good as it was.
      const least = readAt.getTime() - performance.now()
      const most = readAt.getTime() - askedAt
      const believed = offsetMs ?? Date.now() - performance.now()
      offsetMs = Math.min(Math.max(believed, least), most)
    },
  }
}

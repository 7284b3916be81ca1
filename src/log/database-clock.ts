/** The database's time, carried on between two reads by this process's monotonic clock, which nobody sets. */
export interface DatabaseClock {
  /** Milliseconds since 1970; by this machine's clock until the first read. */
  readonly now: () => number
  /** Takes over what a read that was asked at `askedAt` (`performance.now()`) and has just been answered says. */
  readonly set: (readAt: Date, askedAt: number) => void
}

// A slower answer says less exactly what time it is.
const PROMPT_MS = 250

export const createDatabaseClock = (): DatabaseClock => {
  let offsetMs: number | undefined

  return {
    now: () => (offsetMs === undefined ? Date.now() : performance.now() + offsetMs),
    set(readAt, askedAt) {
      const answeredAt = performance.now()
      if (offsetMs !== undefined && answeredAt - askedAt > PROMPT_MS) return
      offsetMs = readAt.getTime() - (askedAt + answeredAt) / 2
    },
  }
}

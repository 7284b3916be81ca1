import type { LogEntry } from './entry.js'

export interface RecentEntries {
  /** Appends the next entries; numbers follow each other without a hole, because the log has none. */
  readonly push: (entries: readonly LogEntry[]) => void
  /** At most `limit` entries after `seq`, or undefined where memory does not reach back that far. */
  readonly after: (seq: number, limit: number) => readonly LogEntry[] | undefined
  /** Forgets everything; the next entry is `seq + 1`. */
  readonly restart: (seq: number) => void
}

/** Keeps the newest entries in memory, so that a client that was away for a moment costs no query. */
export const createRecentEntries = (capacity = 5_000): RecentEntries => {
  let entries: LogEntry[] = []
  /** Number before the first entry in memory. */
  let baseSeq = 0

  return {
    push(more) {
      entries.push(...more)
      // Cut in large steps: a shift for each entry would move the array each time.
      if (entries.length > capacity * 2) {
        const surplus = entries.length - capacity
        entries = entries.slice(surplus)
        baseSeq += surplus
      }
    },
    after(seq, limit) {
      if (seq < baseSeq) return undefined
      return entries.slice(seq - baseSeq, seq - baseSeq + limit)
    },
    restart(seq) {
      entries = []
      baseSeq = seq
    },
  }
}

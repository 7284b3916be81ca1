import type { LogContent } from './chain.js'

/** Rows that wait to be written, oldest first. */
export interface RowQueue {
  /** Adds a row; at the bound a refused or aborted attempt is counted instead of kept. */
  readonly push: (row: LogContent) => void
  /** Whether the bound is reached. */
  readonly isFull: () => boolean
  /** The oldest rows, at most `limit`; they stay. */
  readonly oldest: (limit: number) => readonly LogContent[]
  /** Removes as many of the oldest rows. */
  readonly remove: (count: number) => void
}

// Addresses of a flood that are told apart; the rest of them share one row per code.
const MAX_ADDRESSES = 1_000

/**
 * A queue of at most `maxQueued` rows. Beyond it, refused and aborted attempts are merged into one row per address and
 * code with a count, so that the counts still add up to the attempts. What was accepted or closed is always kept apart:
 * nobody is admitted at the bound, so there are no more of them than handshakes under way and open sockets.
 */
export const createRowQueue = (maxQueued: number): RowQueue => {
  const rows: LogContent[] = []
  const merged = new Map<string, LogContent>()

  const isFull = (): boolean => rows.length >= maxQueued

  const push = (row: LogContent): void => {
    if (isFull() && (row.outcome === 'refused' || row.outcome === 'aborted')) merge(row)
    else rows.push(row)
  }

  const merge = (row: LogContent): void => {
    const known = merged.has(keyOf(row, row.ip)) || merged.size < MAX_ADDRESSES
    const ip = known ? row.ip : null
    const key = keyOf(row, ip)
    const count = (merged.get(key)?.count ?? 0) + 1
    merged.set(key, { ...(merged.get(key) ?? summaryOf(row, ip)), count })
  }

  const oldest = (limit: number): readonly LogContent[] => rows.slice(0, limit)

  const remove = (count: number): void => {
    rows.splice(0, count)
    if (merged.size === 0 || isFull()) return
    rows.push(...merged.values())
    merged.clear()
  }

  return { push, isFull, oldest, remove }
}

const keyOf = (row: LogContent, ip: string | null): string =>
  JSON.stringify([row.outcome, row.code, ip])

/** What all attempts of a merged row have in common; its time is that of the first. */
const summaryOf = ({ at, outcome, code, count }: LogContent, ip: string | null): LogContent => ({
  at,
  outcome,
  code,
  userId: null,
  ip,
  userAgent: null,
  origin: null,
  transport: null,
  socketId: null,
  count,
})

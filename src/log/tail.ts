import type { LogReset, Position } from '@uzima/contracts'
import type { Database } from '../storage/database.js'
import { createDatabaseClock } from './database-clock.js'
import type { LogEntry } from './entry.js'
import { createEventLog, type EventLog, type LogHead, type LogRange } from './event-log.js'
import { createRecentEntries } from './recent.js'
import { watchStandstill } from './standstill.js'

/** Everything of the log passes through here once, in order; both calls are synchronous. */
export interface TailListener {
  readonly onEntries: (entries: readonly LogEntry[]) => void
  /** What followed the old position is unknown to this listener: it begins again at the new one. */
  readonly onReset: (reset: TailReset) => void
}

/** `listener_failed`: the listener threw at a batch, the others did not. */
export interface TailReset {
  readonly position: Position
  readonly reason: LogReset['reason'] | 'listener_failed'
}

/**
 * Whether what a node knows of its users' rights may be acted on. `unconfirmed`: the process has stood still since, and
 * was told nothing meanwhile; one read will tell. `stale`: the log could not be reached for too long.
 */
export type Freshness = 'fresh' | 'unconfirmed' | 'stale'

export interface Tail {
  /** Reads the head and begins there; rejects where the database cannot be read. */
  readonly start: () => Promise<void>
  /** Everything up to here has been handed to the listeners. */
  readonly position: () => Position
  /** Milliseconds since the head was last known to be at `position`: how old this node's knowledge may be. */
  readonly confirmedAgeMs: () => number
  /** To be asked in the tick in which something is sent or somebody let in. */
  readonly freshness: () => Freshness
  /** Makes what is unconfirmed fresh by a read, if it can; resolves to whether it is. Stale stays so. Never rejects. */
  readonly confirm: () => Promise<boolean>
  /** Whether the database could only be read, when it was read last. */
  readonly isReadOnly: () => boolean
  /** Milliseconds since 1970 by the database's clock; a wrong or stepping clock of this machine does not move it. */
  readonly now: () => number
  /** Entries after `seq` that are still in memory, at most `limit`; undefined where they are not. */
  readonly recentAfter: (seq: number, limit: number) => readonly LogEntry[] | undefined
  /** Number of the oldest entry that the log still holds, less one. */
  readonly trimmedSeq: () => number
  /** Adds a listener; listeners are called in the order in which they were added. Returns its removal. */
  readonly subscribe: (listener: TailListener) => () => void
  /** Reads now; resolves when everything committed before the call has been handed over. Never rejects. */
  readonly catchUp: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface TailOptions {
  readonly database: Database
  readonly eventLog?: EventLog
  /** Longest time between two reads of the head. NOTIFY only shortens it. Default 500 ms. */
  readonly pollEveryMs?: number
  /** Entries read at a time. Default 1,000. */
  readonly batchSize?: number
  /**
   * Age of `confirmedAgeMs` from which nothing is handed over before the head is reached, as after a standstill. The
   * listeners then get all that was missed at once, and can see the end of a right before they act on what came earlier.
   * Default 5,000 ms.
   */
  readonly staleAfterMs?: number
  /** Entries that may be missed while stale; behind more the tail begins again at the head. Default 10,000. */
  readonly maxMissed?: number
  /** Entries before the head that are read into memory at the start, for the clients of a restarted node. Default 2,000. */
  readonly rememberAtStart?: number
  /** Told at each read of the head when the next thing is due; see `LogRange.dueInMs`. Null, too, where nothing can be written. */
  readonly onDueIn?: (dueInMs: number | null) => void
  /** How long it has not been known that the log tells of every change, in ms; counts as the log's own age. Default 0. */
  readonly unknownForMs?: () => number
  /** Told when the log is read over another connection than before, ahead of what it says. */
  readonly onReconnected?: () => void
  /** Told of each failed read; the tail goes on trying. */
  readonly onError: (error: unknown) => void
  /** Told of what a listener throws; the others go on. */
  readonly onListenerFailed: (error: unknown) => void
}

// A connection that has died without a word must not hold the node for the 20 s that other queries have.
const ANSWER_WITHIN_MS = 1_500
const AFTER_FAILURE_MS = 200
// What did not come in time may have been too much at once.
const SMALLEST_BATCH = 10

/** Follows the log of `database` from its head. */
export const createTail = (options: TailOptions): Tail => {
  const eventLog = options.eventLog ?? createEventLog(options.database)
  const pollEveryMs = options.pollEveryMs ?? 500
  const fullBatchSize = options.batchSize ?? 1_000
  const staleAfterMs = options.staleAfterMs ?? 5_000
  const maxMissed = options.maxMissed ?? 10_000
  const rememberAtStart = options.rememberAtStart ?? 2_000
  const recent = createRecentEntries()
  const clock = createDatabaseClock()
  const standstill = watchStandstill()
  const listeners = new Set<TailListener>()

  let position: Position | undefined
  let trimmedSeq = 0
  let batchSize = fullBatchSize
  let confirmedAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let stopListening: (() => Promise<void>) | undefined
  let stopped = false
  let failing = false
  let readOnly = false
  let session: number | undefined

  const begin = (range: LogRange): void => {
    position = { epoch: range.head.epoch, seq: range.head.seq }
    trimmedSeq = range.head.trimmedSeq
    recent.restart(range.head.seq)
  }

  const start = async (): Promise<void> => {
    const startedAt = beginRead()
    const range = await eventLog.range(Number.MAX_SAFE_INTEGER, 1)
    clock.set(range.readAt, startedAt)
    begin(range)
    await remember(range.head)
    if (!range.isEndOverdue) confirmedAt = startedAt
    stopListening = await options.database.listen('uzima_log', () => void catchUp())
    schedule()
  }

  const remember = async ({ seq, trimmedSeq: trimmed }: LogHead): Promise<void> => {
    const from = Math.max(seq - rememberAtStart, trimmed)
    const entries = await eventLog.read(from, rememberAtStart)
    recent.restart(from)
    recent.push(entries.filter((entry) => entry.seq <= seq))
  }

  const schedule = (): void => {
    clearTimeout(timer)
    const afterMs = failing ? Math.min(AFTER_FAILURE_MS, pollEveryMs) : pollEveryMs
    if (!stopped) timer = setTimeout(() => void catchUp(), afterMs)
  }

  /** A read under way may have begun before the caller's commit, so a second caller waits for the one after it. */
  const catchUp = (): Promise<void> => {
    if (running === undefined) {
      running = pump().finally(() => {
        running = undefined
        schedule()
      })
      return running
    }
    next ??= running.then(() => {
      next = undefined
      return catchUp()
    })
    return next
  }

  const pump = async (): Promise<void> => {
    let missed: LogEntry[] = []
    try {
      let more = true
      while (more && !stopped) {
        const startedAt = beginRead()
        const from = { ...currentPosition(), seq: missed.at(-1)?.seq ?? currentPosition().seq }
        const range = await eventLog.range(from.seq, batchSize, {
          answerWithinMs: ANSWER_WITHIN_MS,
          // A connection may stay read-only for as long as it lives, though its database has come back.
          isRenewed: readOnly,
        })
        clock.set(range.readAt, startedAt)
        readOnly = range.isReadOnly
        if (session !== undefined && session !== range.session) options.onReconnected?.()
        session = range.session
        options.onDueIn?.(readOnly ? null : range.dueInMs)
        failing = false
        batchSize = fullBatchSize
        // `stop` may have been called during the read; the compiler takes the check above for final.
        if (stopped as boolean) return
        missed.push(...range.entries)
        const reason =
          resetReason(from, range) ?? (missed.length > maxMissed ? 'snapshot_cheaper' : undefined)
        const isAtHead = (missed.at(-1)?.seq ?? from.seq) >= range.head.seq
        // Who stood still between question and answer knows the head of long ago.
        const isLate =
          standstill.lastEndedAt() > startedAt || performance.now() - startedAt >= staleAfterMs
        more = reason === undefined && (!isAtHead || isLate)
        if (reason !== undefined) reset(range, reason)
        else if (!more || freshness() === 'fresh') {
          handOver(range, missed)
          missed = []
        }
        // Whose right should have ended is in none of the entries: the read after the one that tells of it confirms.
        if (!more && !range.isEndOverdue) confirmedAt = startedAt
      }
    } catch (error) {
      failing = true
      batchSize = Math.max(SMALLEST_BATCH, Math.floor(batchSize / 4))
      if (!stopped) options.onError(error)
    }
  }

  const reset = (range: LogRange, reason: LogReset['reason']): void => {
    begin(range)
    for (const listener of listeners) tellReset(listener, reason)
  }

  const tellReset = (listener: TailListener, reason: TailReset['reason']): void => {
    try {
      listener.onReset({ position: currentPosition(), reason })
    } catch (error) {
      options.onListenerFailed(error)
    }
  }

  const handOver = ({ head }: LogRange, entries: readonly LogEntry[]): void => {
    trimmedSeq = head.trimmedSeq
    const last = entries.at(-1)
    if (last === undefined) return
    position = { epoch: head.epoch, seq: last.seq }
    recent.push(entries)
    for (const listener of listeners) {
      try {
        listener.onEntries(entries)
      } catch (error) {
        options.onListenerFailed(error)
        // The others still get the batch, and this one must not go on behind a hole that it does not know of.
        tellReset(listener, 'listener_failed')
      }
    }
  }

  /** A standstill that ends right now is before the read, not after it. */
  const beginRead = (): number => {
    standstill.lastEndedAt()
    return performance.now()
  }

  const confirmedAgeMs = (): number =>
    Math.max(performance.now() - confirmedAt, options.unknownForMs?.() ?? 0)

  const freshness = (): Freshness => {
    if (confirmedAgeMs() >= staleAfterMs) return 'stale'
    return confirmedAt >= standstill.lastEndedAt() ? 'fresh' : 'unconfirmed'
  }

  const confirm = async (): Promise<boolean> => {
    if (freshness() === 'unconfirmed') await catchUp()
    return freshness() === 'fresh'
  }

  const currentPosition = (): Position => {
    if (position === undefined) throw new TypeError('The tail has not been started.')
    return position
  }

  const stop = async (): Promise<void> => {
    stopped = true
    clearTimeout(timer)
    standstill.stop()
    await stopListening?.()
    await running
  }

  return {
    start,
    position: currentPosition,
    confirmedAgeMs,
    freshness,
    confirm,
    isReadOnly: () => readOnly,
    now: clock.now,
    recentAfter: (seq, limit) => recent.after(seq, limit),
    trimmedSeq: () => trimmedSeq,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    catchUp,
    stop,
  }
}

/** Why entries after `from` cannot be told one by one, if so: another log, an older copy of it, or a trimmed range. */
const resetReason = (
  from: Position,
  { head, entries }: LogRange,
): LogReset['reason'] | undefined => {
  if (head.epoch !== from.epoch) return 'epoch_changed'
  if (head.seq < from.seq) return 'position_in_future'
  const first = entries[0]
  if (first !== undefined && first.seq !== from.seq + 1) return 'position_too_old'
  return undefined
}

import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../errors/app-error.js'
import type { Logger } from '../observability/logger.js'
import type { Queryable } from '../storage/database.js'
import type { LogContent, NodeRun } from './chain.js'
import { createChainWriter } from './chain-writer.js'
import { createRowQueue } from './queue.js'
import { levelOf, toContent, type ConnectionRecord } from './record.js'
import { untilWritten } from './until-written.js'

/** Keeps every attempt to connect: at once as a log line, soon after as a row of `connection_log`. */
export interface ConnectionLog {
  /** Takes a record. Never waits and never throws; the row follows within `flushEveryMs` while the database answers. */
  readonly record: (record: ConnectionRecord) => void
  /** Whether another connection may be admitted: false at the bound, since nobody is admitted unlogged. */
  readonly canAdmit: () => boolean
  /** Attempts that have no row yet. */
  readonly queued: () => number
  /** Resolves when everything recorded so far has its row; rejects when the log is closed before. */
  readonly flush: () => Promise<void>
  /** Writes what is queued, for at most `closeWithinMs`; says how much was left. Safe to call twice. */
  readonly close: () => Promise<void>
}

export interface ConnectionLogOptions {
  readonly database: Queryable
  readonly node: NodeRun
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
  /** Rows held while the database does not take them; about 0.5 kB each. Default 50,000. */
  readonly maxQueued?: number
  /** Longest wait for a batch to fill. Default 200 ms. */
  readonly flushEveryMs?: number
  /** Rows per statement. Default 500. */
  readonly maxBatch?: number
  /** Default 5,000 ms. */
  readonly closeWithinMs?: number
}

export const createConnectionLog = (options: ConnectionLogOptions): ConnectionLog => {
  const { database, node, logger } = options
  const { maxQueued = 50_000, flushEveryMs = 200, maxBatch = 500, closeWithinMs = 5_000 } = options
  let recorded = 0
  let written = 0
  let timer: NodeJS.Timeout | undefined
  let isDraining = false
  let closing: Promise<void> | undefined
  let waiters: Waiter[] = []
  const stopped = new AbortController()
  const queue = createRowQueue(maxQueued)
  const writer = createChainWriter(database, node)

  const record = (attempt: ConnectionRecord): void => {
    const row = toContent(attempt)
    logger[levelOf(row)]({ connection: row }, `Connection ${row.outcome}`)
    recorded += 1
    queue.push(row)
    schedule()
  }

  const schedule = (): void => {
    if (isDraining || stopped.signal.aborted) return
    if (recorded - written >= maxBatch) startDraining()
    else timer ??= setTimeout(startDraining, flushEveryMs)
  }

  const startDraining = (): void => {
    clearTimeout(timer)
    timer = undefined
    isDraining = true
    void drain()
  }

  const drain = async (): Promise<void> => {
    for (;;) {
      const batch = queue.oldest(maxBatch)
      if (batch.length === 0 || !(await writeUntilDone(batch))) break
      queue.remove(batch.length)
      written += attemptsIn(batch)
      waiters = waiters.filter(({ until, resolve }) => {
        if (until <= written) resolve()
        return until > written
      })
    }
    // In the tick that found nothing to write, so that the next record starts a timer of its own.
    isDraining = false
  }

  /** The batch stays the same over all tries: only so can a commit of unknown outcome be recognised. */
  const writeUntilDone = (batch: readonly LogContent[]): Promise<boolean> =>
    untilWritten(() => writer.append(batch), {
      stopped: stopped.signal,
      onFailure: (error) => {
        logger.error(
          { err: error, queued: queued(), maxQueued },
          'The connection log cannot be written; rows are kept in memory and tried again',
        )
      },
      onBack: (failures) => {
        logger.info({ failures }, 'The connection log is being written again')
      },
    })

  const queued = (): number => recorded - written

  const canAdmit = (): boolean => !stopped.signal.aborted && !queue.isFull()

  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (queued() === 0) {
        resolve()
      } else if (stopped.signal.aborted) {
        reject(closedError())
      } else {
        waiters.push({ until: recorded, resolve, reject })
        if (!isDraining) startDraining()
      }
    })

  const close = (): Promise<void> => {
    closing ??= (async () => {
      const inTime = new AbortController()
      await Promise.race([
        flush(),
        delay(closeWithinMs, undefined, { signal: inTime.signal }).catch(() => undefined),
      ])
      inTime.abort()
      stopped.abort()
      clearTimeout(timer)
      for (const { reject } of waiters) reject(closedError())
      waiters = []
      if (queued() > 0) {
        logger.error(
          { attempts: queued(), closeWithinMs },
          'The connection log was closed with attempts that have no row; their log lines are all there is',
        )
      }
    })()
    return closing
  }

  return { record, canAdmit, queued, flush, close }
}

interface Waiter {
  readonly until: number
  readonly resolve: () => void
  readonly reject: (error: AppError) => void
}

const closedError = (): AppError =>
  new AppError('SERVER_UNAVAILABLE', { detail: 'The connection log is closed.' })

const attemptsIn = (rows: readonly LogContent[]): number =>
  rows.reduce((sum, { count }) => sum + count, 0)

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../observability/logger.js'
import type { Queryable } from '../storage/database.js'
import type { NodeRun } from './chain.js'
import { writeDeliveries, type DeliveryBatch } from './deliveries.js'
import { untilWritten } from './until-written.js'

/** Where the writer takes from what is to be put on record. */
export interface DeliverySource {
  /**
   * The next batch, undefined where there is none; called again when it is written. What happens meanwhile is kept for the
   * one after it.
   */
  readonly next: () => Promise<DeliveryBatch | undefined>
}

/** Puts on record what the sockets of this node were written and have applied. */
export interface DeliveryWriter {
  /** Begins to take from `source`, once a second. Call it once. */
  readonly follow: (source: DeliverySource) => void
  /** Writes what is left, for at most `closeWithinMs`. */
  readonly close: () => Promise<void>
}

export interface DeliveryWriterOptions {
  readonly database: Queryable
  readonly node: NodeRun
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** Default 1,000 ms. */
  readonly everyMs?: number
  /** Default 5,000 ms. */
  readonly closeWithinMs?: number
}

export const createDeliveryWriter = (options: DeliveryWriterOptions): DeliveryWriter => {
  const { database, node, logger, everyMs = 1_000, closeWithinMs = 5_000 } = options
  const stopped = new AbortController()
  let source: DeliverySource | undefined
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isClosing = false

  const run = async (): Promise<void> => {
    for (let hasMore = true; hasMore;) {
      const batch = await source?.next()
      if (batch === undefined || !(await write(batch))) return
      hasMore = batch.hasMore || isClosing
    }
  }

  const write = (batch: DeliveryBatch): Promise<boolean> =>
    untilWritten(() => writeDeliveries(database, node, batch), {
      stopped: stopped.signal,
      onFailure: (error) => {
        logger.warn(
          { err: error },
          'What was written to the sockets cannot be put on record; it is kept and tried again',
        )
      },
      onBack: (failures) => {
        logger.info({ failures }, 'What was written to the sockets is put on record again')
      },
    })

  const schedule = (): void => {
    if (isClosing) return
    timer = setTimeout(() => {
      running = run().finally(schedule)
    }, everyMs)
  }

  return {
    follow(given) {
      source = given
      schedule()
    },
    async close() {
      if (isClosing) return
      isClosing = true
      clearTimeout(timer)
      const inTime = new AbortController()
      const timedOut = delay(closeWithinMs, undefined, { signal: inTime.signal }).catch(
        () => undefined,
      )
      await Promise.race([timedOut, (running ?? Promise.resolve()).then(run)])
      inTime.abort()
      stopped.abort()
    },
  }
}

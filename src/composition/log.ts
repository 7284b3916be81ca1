import { createDueWriter } from '../log/due.js'
import { createEventLog, type EventLog } from '../log/event-log.js'
import { createGuard, type Guard } from '../log/guard.js'
import { createTail, type Tail } from '../log/tail.js'
import type { Database } from '../storage/database.js'
import type { Base } from './base.js'

/** The log as this node reads it. */
export interface LogLayer {
  readonly eventLog: EventLog
  readonly tail: Tail
  readonly guard: Guard
}

/**
 * Follows the log from its head; everything that happens to users and stock comes from here. What is due at a moment is
 * written by whichever node sees it first.
 */
export const followLog = async (base: Base, database: Database): Promise<LogLayer> => {
  const { config, logger, metrics, releases } = base
  const eventLog = createEventLog(database)
  let headSeq = 0
  const watched: EventLog = {
    ...eventLog,
    range: async (...asked) => {
      const range = await eventLog.range(...asked)
      headSeq = range.head.seq
      return range
    },
  }
  const due = createDueWriter({
    database,
    onError: (error) => {
      logger.warn({ err: error }, 'What is due could not be written; it is tried again')
    },
  })
  releases.add('due writer', () => due.stop())
  const guard = createGuard({
    database,
    onReason: (reason) => {
      if (reason === undefined)
        logger.info('Changes come out of the log again: callers are admitted')
      else logger.error(`Nobody is admitted. ${reason}`)
    },
    onError: (error) => {
      logger.error({ err: error }, 'Whether changes come out of the log could not be proven')
    },
  })
  releases.add('guard', () => guard.stop())
  const tail = createTail({
    database,
    eventLog: watched,
    staleAfterMs: config.authStaleAfterMs,
    unknownForMs: guard.ageMs,
    onReconnected: guard.doubt,
    onDueIn: (dueInMs) => {
      guard.look()
      due.look(dueInMs)
    },
    onError: (error) => {
      logger.warn({ err: error }, 'The log could not be read; it is tried again')
    },
    onListenerFailed: (error) => {
      logger.error({ err: error }, 'A part failed at entries of the log and begins again')
    },
  })
  // Before it starts: a start that fails half-way has begun to listen.
  releases.add('tail', () => tail.stop())
  await tail.start()
  await guard.check()
  metrics.beforeScrape(() => {
    const { seq } = tail.position()
    metrics.logHeadSeq.set(headSeq)
    metrics.logPositionSeq.set(seq)
    metrics.logTailLag.set(Math.max(headSeq - seq, 0))
    metrics.logConfirmedAge.set(tail.confirmedAgeMs() / 1_000)
  })
  return { eventLog, guard, tail }
}

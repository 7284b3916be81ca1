import { isPublic, type LogEntry } from '../log/entry.js'
import type { Tail } from '../log/tail.js'
import {
  changeKeys,
  createJourneys,
  type Delivered,
  type Journeys,
  type OnJourney,
} from '../observability/journeys.js'
import { createTracing, traceIdOf, type Tracing } from '../observability/tracing.js'
import type { Base } from './base.js'

/** Follows changes from the requests to this node, through the log, to its sockets. */
export interface JourneyLayer {
  readonly tracing: Tracing
  readonly journeys: Journeys
  /** Told that a batch of the log begins; to be subscribed ahead of the delivery. */
  readonly begins: () => void
  /** Told that it was written; to be subscribed behind the delivery. */
  readonly written: (entries: readonly LogEntry[], sockets: number) => void
  /** Told that a client has applied everything up to an entry. */
  readonly applied: (seq: number) => void
}

/** Traced entries that no client has said to have applied yet; the oldest go first. */
const MAX_UNAPPLIED = 256

export const followJourneys = ({ logger }: Base, tail: Tail): JourneyLayer => {
  const tracing = createTracing()
  let takenAt = 0
  let sockets = 0
  const unapplied = new Map<number, (appliedAt: number) => void>()

  /** One line for each change that was asked for here; of the others where somebody looks closely. */
  const tell: OnJourney = (delivered, asking) => {
    const { seq, event, committedAt, writtenAt } = delivered
    const line = { seq, event, ms: Math.max(Math.round((writtenAt - committedAt) * 10) / 10, 0) }
    if (asking === undefined) logger.debug(line, 'delivered')
    else {
      const traceId = traceIdOf(asking.span)
      const { requestId } = asking
      logger.info(
        { requestId, ...(traceId === undefined ? {} : { traceId }), ...line },
        'delivered',
      )
    }
    const facts = { epoch: tail.position().epoch, sockets }
    const onApplied = tracing.delivered(delivered, facts, asking)
    if (onApplied === undefined) return
    unapplied.set(seq, onApplied)
    const [oldest] = unapplied.keys()
    if (unapplied.size > MAX_UNAPPLIED && oldest !== undefined) unapplied.delete(oldest)
  }
  const journeys = createJourneys(tell)

  return {
    tracing,
    journeys,
    begins: () => {
      takenAt = now()
    },
    written: (entries, socketCount) => {
      sockets = socketCount
      const writtenAt = now()
      // The database dates its COMMIT by its own clock.
      const ahead = tail.now() - writtenAt
      journeys.delivered(
        entries.map((entry): Delivered => ({
          keys: keysOf(entry),
          seq: entry.seq,
          event: entry.name,
          committedAt: Math.min(entry.at.getTime() - ahead, takenAt),
          takenAt,
          writtenAt,
        })),
      )
    },
    applied: (upTo) => {
      for (const [seq, onApplied] of unapplied) {
        if (seq > upTo) continue
        unapplied.delete(seq)
        onApplied(now())
      }
    },
  }
}

const keysOf = (entry: LogEntry): readonly string[] => {
  const bySeq = changeKeys.entry(entry.seq)
  if (!isPublic(entry) || entry.name !== 'inventory:update') return [bySeq]
  const { type, item } = entry.payload
  return [bySeq, type === 'archived' ? changeKeys.archived(item.sku) : changeKeys.item(item)]
}

/** To a fraction of a millisecond. */
const now = (): number => performance.timeOrigin + performance.now()

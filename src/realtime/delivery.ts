import type { RevocationAck } from '../audit/revocation-acks.js'
import { endsRight, isPublic, type LogEntry, type PublicEntry } from '../log/entry.js'
import type { TailListener } from '../log/tail.js'
import type { FanOut } from './fan-out.js'
import type { Ending, Sessions } from './sessions.js'
import type { StockDigest } from './stock-digest.js'

export interface DeliveryDeps {
  readonly fanOut: FanOut
  readonly sessions: Sessions
  /** What the database says its stock is, to be told between two entries. */
  readonly digest: Pick<StockDigest, 'dueAt' | 'passed' | 'forget'>
  /** Puts on record what this node did when a right ended. Never waits and never throws. */
  readonly acknowledge: (ack: RevocationAck) => void
  /** Told how long after its COMMIT an entry was handed to the sockets. */
  readonly onDelivered: (entry: PublicEntry, afterMs: number) => void
  /** Milliseconds since 1970, by the database's clock. */
  readonly now: () => number
}

/**
 * Does on this node's sockets what the log says, in its order: stock goes to who may see it, a change of a user moves his
 * sessions. Because both take this one path, nothing numbered after a demotion reaches the old role. Sessions whose
 * right ends in a batch are closed before the rest of it: what was numbered before, and heard of late, is not sent late.
 */
export const createDelivery = (deps: DeliveryDeps): TailListener => {
  const { sessions, fanOut, digest } = deps

  /** Of what ends a right: once the sockets are moved, or closed and beyond the reach of anything sent. */
  const acknowledge = async (entry: LogEntry, ending: Ending, moved: number): Promise<void> => {
    await ending.ended
    deps.acknowledge({
      seq: entry.seq,
      socketsClosed: ending.closed,
      socketsMoved: moved,
      appliedAfterMs: msSince(entry, deps.now()),
    })
  }

  return {
    onEntries(entries) {
      const endings = new Map<LogEntry, Ending>()
      for (const entry of entries) if (endsRight(entry)) endings.set(entry, sessions.end(entry))

      let run: PublicEntry[] = []
      const flush = (): void => {
        fanOut(run)
        run = []
      }
      for (const entry of entries) {
        if (isPublic(entry)) {
          run.push(entry)
        } else {
          // What was numbered before a change of a user is sent under the rights before it.
          flush()
          const moved = entry.name === 'user:changed' ? sessions.move(entry) : 0
          const ending = endings.get(entry)
          if (ending !== undefined) void acknowledge(entry, ending, moved)
        }
        if (digest.dueAt() === entry.seq) flush()
        digest.passed(entry)
      }
      flush()
      for (const entry of entries) {
        if (isPublic(entry)) deps.onDelivered(entry, msSince(entry, deps.now()))
      }
    },
    // Whose right ended in what was missed is unknown: all come back through admission, which tells them to reset.
    onReset() {
      digest.forget()
      sessions.closeAll('AUTH_STALE')
    },
  }
}

/** Since the commit; not below 0, where the clock is known to a few ms only. */
const msSince = (entry: LogEntry, now: number): number => Math.max(now - entry.at.getTime(), 0)

import type { Audience } from '../log/audience.js'
import type { LogEntry } from '../log/event-log.js'
import type { TailListener } from '../log/tail.js'
import { isPublicEvent } from './resume.js'
import { feedRoom } from './rooms.js'
import type { Ending, Sessions } from './sessions.js'
import type { RealtimeServer } from './socket-types.js'

export interface DeliveryDeps {
  readonly io: RealtimeServer
  readonly sessions: Sessions
  /** Called when the sockets of an entry that ends a right are moved, or closed and beyond the reach of anything sent. */
  readonly onRevoked: (entry: LogEntry, applied: Applied) => void
  readonly onDelivered: (entry: LogEntry) => void
  readonly onFailed: (entry: LogEntry, error: unknown) => void
  /** Called when a batch has been handed to the sockets. */
  readonly afterBatch: () => void
}

/** What acting on the end of a right did on this node. */
export interface Applied {
  readonly closed: number
  /** Went on, in the rooms of another role. */
  readonly moved: number
}

/**
 * Does on this node's sockets what the log says, in its order: stock goes to rooms, a change of a user re-rooms his
 * sessions. Because both take this one path, nothing numbered after a demotion reaches the old role. Sessions whose
 * right ends in a batch are closed before the rest of it: what was numbered before, and heard of late, is not sent late.
 */
export const createDelivery = (deps: DeliveryDeps): TailListener => {
  const deliver = (entry: LogEntry, ending: Ending | undefined): void => {
    let moved = 0
    if (isPublicEvent(entry.name)) {
      // `local`: each node has its own tail. The payload is what the database built; the types are its contract.
      const room = feedRoom(entry.audience as Audience)
      deps.io.local.to(room).emit(entry.name, entry.payload as never)
    } else if (entry.name === 'user:changed') {
      moved = deps.sessions.move(entry)
    }
    if (ending !== undefined) acknowledge(entry, ending, moved)
    deps.onDelivered(entry)
  }

  const acknowledge = (entry: LogEntry, { closed, ended }: Ending, moved: number): void => {
    ended
      .then(() => {
        deps.onRevoked(entry, { closed, moved })
      })
      .catch((error: unknown) => {
        deps.onFailed(entry, error)
      })
  }

  /** Calls `work` for each entry; one that fails does not keep the others. */
  const forEach = (entries: readonly LogEntry[], work: (entry: LogEntry) => void): void => {
    for (const entry of entries) {
      try {
        work(entry)
      } catch (error) {
        deps.onFailed(entry, error)
      }
    }
  }

  return {
    onEntries(entries) {
      const endings = new Map<LogEntry, Ending>()
      forEach(entries.filter(endsRight), (entry) => endings.set(entry, deps.sessions.end(entry)))
      forEach(entries, (entry) => {
        deliver(entry, endings.get(entry))
      })
      deps.afterBatch()
    },
    onReset() {
      // Whose right ended in what was missed is unknown: all come back through admission, which tells them to reset.
      for (const session of [...deps.sessions.all()]) session.close('AUTH_STALE')
    },
  }
}

/** The entries that have a row in `revocations` (migration 0007). */
const endsRight = ({ name, payload }: LogEntry): boolean =>
  name === 'session:ended' || (name === 'user:changed' && typeof payload['ended'] === 'string')

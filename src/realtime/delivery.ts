import type { Audience } from '../log/audience.js'
import type { LogEntry } from '../log/event-log.js'
import type { TailListener } from '../log/tail.js'
import { isPublicEvent } from './resume.js'
import { feedRoom } from './rooms.js'
import type { Applied, Sessions } from './sessions.js'
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

/**
 * Does on this node's sockets what the log says, entry by entry, in its order: stock goes to rooms, a change of a user
 * re-rooms or ends his sessions. Because both take this one path, nothing numbered after a demotion reaches the old
 * role.
 */
export const createDelivery = (deps: DeliveryDeps): TailListener => {
  const deliver = (entry: LogEntry): void => {
    if (isPublicEvent(entry.name)) {
      // `local`: each node has its own tail. The payload is what the database built; the types are its contract.
      const room = feedRoom(entry.audience as Audience)
      deps.io.local.to(room).emit(entry.name, entry.payload as never)
    } else {
      const applied = deps.sessions.apply(entry)
      if (endsRight(entry)) {
        applied.ended
          .then(() => {
            deps.onRevoked(entry, applied)
          })
          .catch((error: unknown) => {
            deps.onFailed(entry, error)
          })
      }
    }
    deps.onDelivered(entry)
  }

  return {
    onEntries(entries) {
      for (const entry of entries) {
        try {
          deliver(entry)
        } catch (error) {
          deps.onFailed(entry, error)
        }
      }
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

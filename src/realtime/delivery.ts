import type { LogEntry } from '../log/event-log.js'
import type { TailListener } from '../log/tail.js'
import type { FanOut } from './fan-out.js'
import { isPublicEntry, type PublicEntry } from './frames.js'
import type { Ending, Sessions } from './sessions.js'

export interface DeliveryDeps {
  readonly fanOut: FanOut
  readonly sessions: Sessions
  /** Called when the sockets of an entry that ends a right are moved, or closed and beyond the reach of anything sent. */
  readonly onRevoked: (entry: LogEntry, applied: Applied) => void
  readonly onDelivered: (entry: LogEntry) => void
  readonly onFailed: (what: string, error: unknown) => void
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
 * Does on this node's sockets what the log says, in its order: stock goes to who may see it, a change of a user moves his
 * sessions. Because both take this one path, nothing numbered after a demotion reaches the old role. Sessions whose
 * right ends in a batch are closed before the rest of it: what was numbered before, and heard of late, is not sent late.
 */
export const createDelivery = (deps: DeliveryDeps): TailListener => {
  const { sessions, fanOut } = deps

  const deliver = (entries: readonly LogEntry[]): void => {
    const endings = new Map(
      entries.filter(endsRight).map((entry) => [entry, sessions.end(entry)] as const),
    )
    let run: PublicEntry[] = []
    for (const entry of entries) {
      if (isPublicEntry(entry)) {
        run.push(entry)
        continue
      }
      // What was numbered before a change of a user is sent under the rights before it.
      if (run.length > 0) fanOut(run)
      run = []
      const moved = entry.name === 'user:changed' ? sessions.move(entry) : 0
      const ending = endings.get(entry)
      if (ending !== undefined) acknowledge(entry, ending, moved)
    }
    if (run.length > 0) fanOut(run)
  }

  const acknowledge = (entry: LogEntry, { closed, ended }: Ending, moved: number): void => {
    ended
      .then(() => {
        deps.onRevoked(entry, { closed, moved })
      })
      .catch((error: unknown) => {
        deps.onFailed(`acknowledgement of entry ${entry.seq.toString()}`, error)
      })
  }

  const closeAll = (): void => {
    for (const session of [...sessions.all()]) session.close('AUTH_STALE')
  }

  return {
    onEntries(entries) {
      try {
        deliver(entries)
      } catch (error) {
        deps.onFailed(`delivery from entry ${entries[0]?.seq.toString() ?? ''} on`, error)
        // Who comes back resumes at his place; who stayed might have a hole that nobody tells him of.
        closeAll()
      }
      for (const entry of entries) deps.onDelivered(entry)
      deps.afterBatch()
    },
    // Whose right ended in what was missed is unknown: all come back through admission, which tells them to reset.
    onReset: closeAll,
  }
}

/** The entries that have a row in `revocations` (migration 0007). */
const endsRight = ({ name, payload }: LogEntry): boolean =>
  name === 'session:ended' || (name === 'user:changed' && typeof payload['ended'] === 'string')

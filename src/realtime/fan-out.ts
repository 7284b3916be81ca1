import { audiencesOf } from '../log/audience.js'
import type { PublicEntry } from '../log/entry.js'
import type { RealtimeServer } from '../middleware/socket-types.js'
import { emitEntries, type Sending } from './frames.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'

/** Sends entries of the log to every live session of this node that may see them, in order. */
export type FanOut = (entries: readonly PublicEntry[]) => void

/**
 * Encodes a batch once for each set of roles and writes it once to each socket that is idle, past Socket.IO and engine.io; the
 * others get it event by event behind what waits for them. `benchmarks/reliability/fan-out.ts` measures what it saves.
 */
export const createFanOut = (deps: {
  readonly io: RealtimeServer
  readonly sessions: Sessions
  readonly sending: Sending
  /** Told of the sessions for which something waits: nobody else has to be looked at after each batch. */
  readonly cutSlow: (waiting: readonly Session[]) => void
}): FanOut => {
  const { io, sessions } = deps
  const { feeds, frameOf, write } = deps.sending

  return (all) => {
    for (const { roles, live } of sessions.liveByRoles()) {
      if (live.size === 0) continue
      const audiences: readonly string[] = audiencesOf(roles, feeds)
      const entries = all.filter(({ audience }) => audiences.includes(audience))
      if (entries.length === 0) continue
      const frames = Buffer.concat(entries.map(frameOf))
      const queued: Session[] = []
      for (const session of live) if (!write(session.wire, frames)) queued.push(session)
      if (queued.length === 0) continue
      // A socket is in a room of its own id. `local`: each node has its own tail.
      emitEntries(io.local.to(queued.map(({ socket }) => socket.id)), entries)
      deps.cutSlow(queued)
    }
  }
}

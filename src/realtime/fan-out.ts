import type { Role } from '@uzima/contracts'
import { audiencesOf } from '../log/audience.js'
import type { PublicEntry } from '../log/entry.js'
import type { RealtimeServer } from '../middleware/socket-types.js'
import { emitEntries, type Sending } from './frames.js'
import type { Sessions } from './sessions.js'

/** Sends entries of the log to every live session of this node that may see them, in order. */
export type FanOut = (entries: readonly PublicEntry[]) => void

/** What the sessions of one role receive of a batch. */
interface RoleBatch {
  readonly entries: readonly PublicEntry[]
  /** All of it as WebSocket frames, one after the other. */
  readonly frames: Buffer
  /** Sockets that must take the usual way: they poll, or something waits for them. */
  readonly queued: string[]
}

/**
 * Encodes a batch once for each role and writes it once to each socket that is idle, past Socket.IO and engine.io; the
 * others get it event by event behind what waits for them. `benchmarks/reliability/fan-out.ts` measures what it saves.
 */
export const createFanOut = (deps: {
  readonly io: RealtimeServer
  readonly sessions: Sessions
  readonly sending: Sending
}): FanOut => {
  const { io, sessions } = deps
  const { feeds, frameOf, write } = deps.sending

  const batchFor = (role: Role, all: readonly PublicEntry[]): RoleBatch => {
    const audiences: readonly string[] = audiencesOf(role, feeds)
    const entries = all.filter(({ audience }) => audiences.includes(audience))
    return { entries, frames: Buffer.concat(entries.map(frameOf)), queued: [] }
  }

  return (all) => {
    if (all.length === 0) return
    const batches = new Map<Role, RoleBatch>()
    for (const session of sessions.all()) {
      if (!session.isLive()) continue
      const { role } = session.viewer()
      const batch = batches.get(role) ?? batchFor(role, all)
      batches.set(role, batch)
      if (batch.entries.length === 0) continue
      const { socket } = session
      if (!write(socket.conn, batch.frames)) batch.queued.push(socket.id)
    }
    for (const { entries, queued } of batches.values()) {
      if (queued.length === 0) continue
      // A socket is in a room of its own id. `local`: each node has its own tail.
      emitEntries(io.local.to(queued), entries)
    }
  }
}

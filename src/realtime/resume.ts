import { setTimeout as delay } from 'node:timers/promises'
import { positionSchema, type LogReset, type Position } from '@uzima/contracts'
import { mayReceive } from '../log/audience.js'
import { isPublic, type LogEntry, type PublicEntry } from '../log/entry.js'
import type { EventLog } from '../log/event-log.js'
import type { Tail } from '../log/tail.js'
import { drained } from './connection.js'
import { emitEntries, type Sending } from './frames.js'
import type { Session } from './session.js'

export interface ResumeDeps {
  readonly tail: Tail
  readonly eventLog: Pick<EventLog, 'read'>
  readonly sending: Sending
  readonly observer: ResumeObserver
}

/** Told how those who come back go on. */
export interface ResumeObserver {
  readonly replayed: (events: number) => void
  readonly reset: (reason: LogReset['reason']) => void
  /** `begin` is called for the session. */
  readonly begins: (session: Session, start: Start) => void
  /** The session was told to read the snapshot in the middle of its replay. */
  readonly interrupted: (session: Session, reason: LogReset['reason']) => void
  /** The session is live: from this tick on it gets what comes. */
  readonly live: (session: Session) => void
}

/** Where a session starts: at the head, at the place it came back with, or after a reset. */
export interface Start {
  /** Null where there is no log. */
  readonly position: Position | null
  readonly resumed: boolean
  readonly reset?: LogReset
}

/** Decides where the events of a session begin, and brings it there. */
export interface Starter {
  /**
   * Waits until this node has seen what the client has, which was served by another one a moment ago, and may rely on what
   * it knows of his rights. At the latest until the session ends.
   */
  readonly catchUp: (session: Session, claimed: unknown) => Promise<void>
  /** Where a session that claims a position starts. `begin` must follow in the same tick. */
  readonly plan: (claimed: unknown) => Start
  /** Sends what was missed and makes the session live. */
  readonly begin: (session: Session, start: Start) => Promise<void>
  /** Number of the newest entry that this node has delivered; 0 where there is no log. */
  readonly seq: () => number
}

/** Sessions follow the log: from where the client was, or from its head. */
export const startFromLog = (deps: ResumeDeps): Starter => ({
  catchUp: async (session, claimed) => {
    if (isAhead(claimed, deps.tail)) await deps.tail.catchUp()
    await confirmed(session, deps.tail)
  },
  plan: (claimed) => {
    const start = planStart(claimed, deps.tail)
    if (start.reset !== undefined) deps.observer.reset(start.reset.reason)
    return start
  },
  begin: async (session, start) => {
    const { position, resumed } = start
    deps.observer.begins(session, start)
    if (resumed && position !== null) await replay(session, position, deps)
    else goLive(session, deps)
  },
  seq: () => deps.tail.position().seq,
})

/** There is no log: each session is live at once and hears of ad-hoc messages only. */
export const startAtOnce: Starter = {
  catchUp: () => Promise.resolve(),
  plan: () => ({ position: null, resumed: false }),
  begin: (session) => {
    session.goLive()
    return Promise.resolve()
  },
  seq: () => 0,
}

// A snapshot of a formulary of 200 items is about 200 kB; 2,000 events are about 1.5 MB. Beyond that it is cheaper.
const MAX_REPLAY = 2_000
// Entries read at a time.
const CHUNK = 200
// What is sent before the client must have read it: far below what a socket may queue.
const CHUNK_BYTES = 65_536
// So a link of 7 kB/s is fast enough.
const READ_WITHIN_MS = 10_000

// As often as the tail tries by itself.
const CONFIRM_EVERY_MS = 200

/** Resolves once the rights that this node knows are confirmed, or the session has ended. */
const confirmed = async (session: Session, tail: Tail): Promise<void> => {
  while (session.isOpen() && !(await tail.confirm())) await delay(CONFIRM_EVERY_MS)
}

/** Whether the client has seen more than this node, or made its place up. */
const isAhead = (claimed: unknown, tail: Tail): boolean => {
  if (claimed === undefined || claimed === null) return false
  const { data: from } = positionSchema.safeParse(claimed)
  const head = tail.position()
  return from?.epoch === head.epoch && from.seq > head.seq
}

/** Decides how a client that claims `position` goes on: everything after it, or a snapshot; never a part. */
const planStart = (claimed: unknown, tail: Tail): Start => {
  const head = tail.position()
  if (claimed === undefined || claimed === null) return { position: head, resumed: false }
  const reset = (reason: LogReset['reason']): Start => ({
    position: head,
    resumed: false,
    reset: { position: head, reason },
  })
  const { data: from } = positionSchema.safeParse(claimed)
  if (from === undefined) return reset('position_invalid')
  if (from.epoch !== head.epoch) return reset('epoch_changed')
  if (from.seq > head.seq) return reset('position_in_future')
  if (from.seq < tail.trimmedSeq()) return reset('position_too_old')
  if (head.seq - from.seq > MAX_REPLAY) return reset('snapshot_cheaper')
  return { position: from, resumed: true }
}

/**
 * Sends what the session missed after `from`, then makes it live in the tick in which nothing is left. Each entry is
 * judged by the right that the session has when it is sent.
 */
const replay = async (session: Session, from: Position, deps: ResumeDeps): Promise<void> => {
  const { socket } = session
  const { feeds, frameOf, write } = deps.sending
  let seq = from.seq

  /** Sends as much of `entries` as the client may have unread; whether that was all. */
  const sendChunk = (entries: readonly LogEntry[]): boolean => {
    const sent: PublicEntry[] = []
    let bytes = 0
    let isAll = true
    for (const entry of entries) {
      isAll = bytes <= CHUNK_BYTES
      if (!isAll) break
      if (isPublic(entry) && mayReceive(entry.audience, session.viewer(), feeds)) {
        sent.push(entry)
        bytes += frameOf(entry).length
      }
      seq = entry.seq
    }
    // A role that may see nothing of it is not written to.
    if (sent.length > 0 && !write(session.wire, Buffer.concat(sent.map(frameOf)))) {
      emitEntries(socket, sent)
    }
    deps.observer.replayed(sent.length)
    return isAll
  }

  while (session.isOpen()) {
    if (!(await drained(socket.conn, READ_WITHIN_MS))) {
      session.close('SLOW_CONSUMER', { retryAfterMs: 1_000 })
    }
    await confirmed(session, deps.tail)
    if (!session.isOpen()) return
    const interrupted = planStart({ ...from, seq }, deps.tail).reset
    // What was sent so far is whole; what follows is the snapshot's to tell.
    if (interrupted !== undefined && interrupted.reason !== 'snapshot_cheaper') {
      deps.observer.reset(interrupted.reason)
      deps.observer.interrupted(session, interrupted.reason)
      socket.emit('log:reset', interrupted)
      break
    }
    const remembered = deps.tail.recentAfter(seq, CHUNK + 1)
    if (remembered !== undefined) {
      if (sendChunk(remembered.slice(0, CHUNK)) && remembered.length <= CHUNK) break
    } else {
      const entries = await deps.eventLog.read(seq, CHUNK)
      // Retention may have passed by since the check above: a hole is never skipped. Nor is a standstill.
      if (entries[0]?.seq !== seq + 1 || deps.tail.freshness() !== 'fresh') continue
      // The table may be ahead of the tail; what the tail has not passed is the live part's to send.
      sendChunk(entries.filter((entry) => entry.seq <= deps.tail.position().seq))
    }
  }
  if (session.isOpen()) goLive(session, deps)
}

const goLive = (session: Session, { observer }: ResumeDeps): void => {
  session.goLive()
  observer.live(session)
}

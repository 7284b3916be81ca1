import { appliedSchema, positionSchema, type LogReset, type Position } from '@uzima/contracts'
import type {
  BegunDelivery,
  DeliveryBatch,
  MovedDelivery,
  SeqOfSocket,
} from '../audit/deliveries.js'
import type { DeliverySource } from '../audit/delivery-writer.js'
import { AppError } from '../errors/app-error.js'
import type { Tail, TailListener } from '../log/tail.js'
import { hasWritten } from './connection.js'
import type { Feature } from './feature.js'
import type { ResumeObserver } from './resume.js'
import type { Session } from './session.js'

export interface DeliveryRecordDeps {
  readonly tail: Pick<Tail, 'now' | 'position'>
  /** The open sessions of this node. */
  readonly sessions: () => Iterable<Session>
  /** A client says that it has applied an entry of the log that was new when it connected. */
  readonly onApplied: (session: Session, seq: number) => void
  /** A session came and went without a row: more of them wait than are kept. */
  readonly onDropped: () => void
}

/**
 * Remembers what is to be put on record of the sessions of this node: what was written to whom, and what they say to have
 * applied. Of a session that is on record, and for which nothing waits, nothing is kept. `migrations/0029-deliveries.sql` says
 * what the record claims.
 */
export interface DeliveryRecord
  extends DeliverySource, Pick<ResumeObserver, 'begins' | 'interrupted' | 'live'> {
  readonly feature: Feature
  /** To be subscribed behind the delivery: what it hears of has been handed to the sockets. */
  readonly listener: TailListener
}

/** Sessions that came and went while the database was away; about 300 bytes each. */
const MAX_GONE = 20_000
/** Rows of one statement. */
const MAX_BEGUN = 1_000
/** For whom something waits may only be answering a poll. */
const LOOK_AGAIN_MS = 200

/** A session that is not yet on record as live. */
interface Begun {
  how: BegunDelivery['how']
  readonly epoch: string
  readonly asked: number | null
  joined: number | null
  reset: string | null
  /** It has a row, in which it is being replayed. */
  isOnRecord: boolean
}

export const createDeliveryRecord = (deps: DeliveryRecordDeps): DeliveryRecord => {
  const { tail } = deps
  /** Everything up to here has been handed to the sockets. */
  let handed: Position = tail.position()
  /** The newest progress: all who are not behind had everything up to there. */
  let progress = handed.seq
  const begun = new Map<Session, Begun>()
  const behind = new Map<Session, number>()
  /** The newest that each session says. */
  const applied = new Map<Session, number>()
  /** Those of which it is not on record yet. */
  const reported = new Set<Session>()
  const goneUnseen: BegunDelivery[] = []
  let gone: MovedDelivery[] = []

  /** Before the first look at it nothing is certain of a session. */
  const startOf = ({ how, asked, joined }: Begun): number =>
    (how === 'replay' || joined === null ? asked : joined) ?? 0

  const certain = (session: Session): number => {
    const unseen = begun.get(session)
    return behind.get(session) ?? (unseen === undefined ? progress : startOf(unseen))
  }

  const isIdle = (session: Session): boolean => session.isLive() && hasWritten(session.socket.conn)

  const iso = (): string => new Date(tail.now()).toISOString()

  const rowOf = (
    session: Session,
    state: Begun,
    rest: Pick<BegunDelivery, 'written' | 'isIdle' | 'applied' | 'closedAt' | 'code'>,
  ): BegunDelivery => ({
    socketId: session.socket.id,
    userId: session.viewer().userId,
    connectedAt: session.connectedAt.toISOString(),
    epoch: state.epoch,
    how: state.how,
    asked: state.asked,
    joined: state.joined,
    reset: state.reset,
    ...rest,
  })

  const closed = (session: Session, code: string): void => {
    const state = begun.get(session)
    const isLive = state?.joined !== null
    const written = isLive && hasWritten(session.socket.conn) ? handed.seq : certain(session)
    const said = reported.has(session) ? applied.get(session) : undefined
    const end = {
      written,
      isIdle: false,
      applied: said === undefined ? null : Math.min(said, written),
      closedAt: iso(),
      code,
    }
    for (const kept of [begun, behind, applied, reported]) kept.delete(session)
    if (state === undefined || state.isOnRecord) {
      const { socket } = session
      const { how = null, joined = null, reset = null } = state ?? {}
      gone.push({ socketId: socket.id, how, joined, reset, ...end })
    } else if (goneUnseen.length < MAX_GONE) {
      goneUnseen.push(rowOf(session, state, end))
    } else {
      deps.onDropped()
    }
  }

  const takeApplied = (session: Session, payload: unknown): object => {
    const { data } = appliedSchema.safeParse(payload)
    if (data === undefined) throw new AppError('EVENT_INVALID')
    if (data.epoch !== handed.epoch || !session.isLive()) return {}
    // What was never handed to it, it cannot have.
    if (data.seq > handed.seq) throw new AppError('EVENT_INVALID')
    if (data.seq <= (applied.get(session) ?? -1)) return {}
    applied.set(session, data.seq)
    reported.add(session)
    deps.onApplied(session, data.seq)
    return {}
  }

  /** What a session says, where all of it is known to have been written; else it is kept until then. */
  const takeReported = (session: Session, upTo: number): number | null => {
    const said = applied.get(session)
    if (!reported.has(session) || said === undefined || said > upTo) return null
    reported.delete(session)
    return said
  }

  /** Everything that is to be written now, in one turn: of one moment. All have what is up to `seq`, but some of `waiting`. */
  const collect = (seq: number, waiting: ReadonlySet<Session>): DeliveryBatch | undefined => {
    const newBehind: SeqOfSocket[] = []
    const caughtUp: SeqOfSocket[] = []
    const begunRows: BegunDelivery[] = goneUnseen.splice(0, MAX_BEGUN)
    const moves = new Map<Session, MovedDelivery>()

    const move = (session: Session, more: Partial<MovedDelivery>): void => {
      const { id: socketId } = session.socket
      moves.set(session, { ...NOTHING, ...moves.get(session), ...more, socketId })
    }
    const fallBehind = (session: Session, from: number): void => {
      behind.set(session, from)
      newBehind.push({ socketId: session.socket.id, seq: from })
    }

    for (const session of behind.keys()) {
      if (!isIdle(session)) continue
      behind.delete(session)
      caughtUp.push({ socketId: session.socket.id, seq: handed.seq })
      move(session, { written: handed.seq, isIdle: true })
    }
    for (const session of waiting) {
      if (!session.isOpen() || behind.has(session) || begun.has(session)) continue
      if (!isIdle(session)) fallBehind(session, progress)
    }
    for (const [session, state] of begun) {
      const isLive = state.joined !== null
      if (state.isOnRecord && !isLive) continue
      if (!state.isOnRecord && begunRows.length >= MAX_BEGUN) break
      const idle = isIdle(session)
      const written = idle ? handed.seq : startOf(state)
      const now = { written, isIdle: idle, applied: takeReported(session, written) }
      const { how, joined, reset } = state
      if (state.isOnRecord) move(session, { how, joined, reset, ...now })
      else begunRows.push(rowOf(session, state, { ...now, closedAt: null, code: null }))
      state.isOnRecord = true
      if (!isLive) continue
      begun.delete(session)
      if (!idle) fallBehind(session, startOf(state))
    }
    const hasMore = goneUnseen.length > 0 || begunRows.length >= MAX_BEGUN
    // All who are not behind have to be on record before it.
    const isNews = !hasMore && seq > progress
    if (isNews) progress = seq
    for (const session of reported) {
      const said = begun.has(session) ? null : takeReported(session, certain(session))
      if (said !== null) move(session, { applied: said })
    }
    const moved = [...gone, ...moves.values()]
    gone = []
    const parts = [begunRows, moved, newBehind, caughtUp]
    if (!isNews && parts.every((part) => part.length === 0)) return undefined
    return {
      at: iso(),
      progress: isNews ? seq : null,
      begun: begunRows,
      moved,
      behind: newBehind,
      caughtUp,
      hasMore,
    }
  }

  return {
    begins(session, { position, resumed, reset }) {
      const { data: claimed } = positionSchema.safeParse(session.socket.data.claimedPosition)
      begun.set(session, {
        how: resumed ? 'replay' : reset === undefined ? 'live' : 'snapshot',
        epoch: position?.epoch ?? handed.epoch,
        asked: claimed?.epoch === handed.epoch ? claimed.seq : null,
        joined: null,
        reset: reset?.reason ?? null,
        isOnRecord: false,
      })
    },
    interrupted(session, reason: LogReset['reason']) {
      const state = begun.get(session)
      if (state === undefined) return
      state.how = 'snapshot'
      state.reset = reason
    },
    live(session) {
      const state = begun.get(session)
      if (state !== undefined) state.joined = handed.seq
    },
    feature: { handlers: { applied: takeApplied }, onClosed: closed },
    listener: {
      onEntries(entries) {
        const last = entries.at(-1)
        if (last !== undefined) handed = { epoch: handed.epoch, seq: last.seq }
      },
      onReset({ position }) {
        handed = position
        progress = position.seq
      },
    },
    async next() {
      const { epoch, seq } = handed
      const waiting = new Set<Session>()
      if (seq > progress) {
        for (const session of deps.sessions()) {
          if (session.isLive() && !hasWritten(session.socket.conn)) waiting.add(session)
        }
      }
      if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
      return collect(handed.epoch === epoch ? seq : progress, waiting)
    },
  }
}

const NOTHING: Omit<MovedDelivery, 'socketId'> = {
  how: null,
  joined: null,
  reset: null,
  written: null,
  isIdle: false,
  applied: null,
  closedAt: null,
  code: null,
}

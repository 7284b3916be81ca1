import { divergenceSchema, type InventoryDigest, type Role } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { LogEntry } from '../log/entry.js'
import type { Session } from './session.js'

/** A client's view that was not what the database said. */
export interface ReportedDivergence {
  readonly userId: string
  readonly socketId: string
  readonly seq: number
  readonly expected: string
  readonly reported: string
}

export interface StockDigestDeps {
  /** Asks the database. */
  readonly read: () => Promise<InventoryDigest>
  /** Milliseconds between two digests; 0 for none. */
  readonly everyMs: number
  /** Number of the newest entry that this node has delivered. */
  readonly seq: () => number
  /** Whether this node may rely on what it knows of its users' rights. */
  readonly isFresh: () => boolean
  readonly mayKnow: (roles: readonly Role[]) => boolean
  /** Sends to every live session of this node that may know. */
  readonly send: (digest: InventoryDigest) => void
  readonly onDiverged: (divergence: ReportedDivergence) => void
  /** Told of each failed read; the next one comes by itself. */
  readonly onError: (error: unknown) => void
}

/** The database's own digest for all sockets of a node: read once, however many there are. */
export interface StockDigest {
  /** Number of the entry before which all others, and after which none, have to be sent when it is passed. */
  readonly dueAt: () => number | undefined
  /** The node has delivered this entry. */
  readonly passed: (entry: LogEntry) => void
  /** Tells the newest one to a session that has just become live; where it is of the past, everybody gets one soon. */
  readonly greet: (session: Session) => void
  /** Takes a client's `inventory:diverged`; throws what it is refused for. */
  readonly diverged: (session: Session, payload: unknown) => object
  /** The log goes on elsewhere: what was told of it is nothing. */
  readonly forget: () => void
  readonly stop: () => Promise<void>
}

/** Where the stock has changed while the database was asked, it is asked again; at most so often. */
const MAX_READS = 10
/** Least time from one digest to one that is read because somebody has come. */
const SOON_MS = 1_000
/** So many states of the stock back may be reported on. */
const REMEMBERED = 16
const REPORT_EVERY_MS = 5_000

/** A digest, and the entries from the first to the last at which the stock has it. */
interface Told {
  readonly digest: InventoryDigest
  readonly from: number
  /** Undefined while the stock still has it. */
  until: number | undefined
}

/**
 * Starts to ask; call `stop` at the end. A digest is told where the stream stands at its `seq`, never behind it: at once
 * where the stock has not changed since, else by the delivery when it gets there.
 */
export const createStockDigest = (deps: StockDigestDeps): StockDigest => {
  const reportedAt = new WeakMap<Session, number>()
  let told: Told[] = []
  let due: InventoryDigest | undefined
  /** Number of the last entry that changed the stock, as far as this node has delivered any. */
  let changedAt = 0
  let timer: NodeJS.Timeout | undefined
  let isReading = false
  let reading = Promise.resolve()
  let stopped = false
  let readAt = Number.NEGATIVE_INFINITY
  /** Grows when the log goes on elsewhere: what was asked before is of the other one. */
  let generation = 0

  const tell = (digest: InventoryDigest): void => {
    due = undefined
    const newest: Told = { digest, from: digest.seq, until: undefined }
    told = [newest, ...told].slice(0, REMEMBERED)
    if (deps.isFresh()) deps.send(digest)
  }

  const readAndTell = async (): Promise<void> => {
    const startedIn = generation
    for (let reads = 0; reads < MAX_READS; reads += 1) {
      const digest = await deps.read()
      if (stopped || startedIn !== generation) return
      const here = deps.seq()
      if (digest.seq > here) {
        due = digest
        return
      }
      if (changedAt <= digest.seq) {
        tell({ ...digest, seq: here })
        return
      }
    }
  }

  const run = (): void => {
    clearTimeout(timer)
    readAt = performance.now()
    isReading = true
    reading = readAndTell()
      .catch(deps.onError)
      .finally(() => {
        isReading = false
        schedule(deps.everyMs)
      })
  }

  const schedule = (delayMs: number): void => {
    clearTimeout(timer)
    if (!stopped && deps.everyMs > 0) timer = setTimeout(run, delayMs)
  }

  schedule(0)

  return {
    dueAt: () => due?.seq,
    passed: ({ name, seq }) => {
      if (name === 'inventory:update') {
        changedAt = seq
        const [newest] = told
        if (newest !== undefined) newest.until ??= seq - 1
      }
      if (due?.seq === seq) tell(due)
    },
    greet: (session) => {
      if (!deps.mayKnow(session.viewer().roles)) return
      const [newest] = told
      if (newest !== undefined && newest.until === undefined) {
        session.socket.emit('inventory:digest', { ...newest.digest, seq: deps.seq() })
      } else if (!isReading) {
        schedule(Math.min(Math.max(0, readAt + SOON_MS - performance.now()), deps.everyMs))
      }
    },
    diverged: (session, payload) => {
      const { userId, roles } = session.viewer()
      if (!deps.mayKnow(roles)) throw new AppError('AUTH_FORBIDDEN')
      const { data } = divergenceSchema.safeParse(payload)
      const known =
        data && told.find(({ from, until = deps.seq() }) => from <= data.seq && data.seq <= until)
      if (data === undefined || known === undefined) throw new AppError('EVENT_INVALID')
      const now = performance.now()
      const waitMs = (reportedAt.get(session) ?? now - REPORT_EVERY_MS) + REPORT_EVERY_MS - now
      if (waitMs > 0) throw new AppError('RATE_LIMITED', { retryAfterMs: waitMs })
      reportedAt.set(session, now)
      const { seq, digest: reported } = data
      const expected = known.digest.digest
      if (reported !== expected) {
        deps.onDiverged({ userId, socketId: session.socket.id, seq, expected, reported })
      }
      return {}
    },
    forget: () => {
      generation += 1
      due = undefined
      told = []
      changedAt = 0
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await reading
    },
  }
}

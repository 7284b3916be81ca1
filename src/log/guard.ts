import { INSUFFICIENT_PRIVILEGE, sqlState, type Database } from '../storage/database.js'
import { expectedTriggers, findDeadTrigger } from '../storage/triggers.js'
import { isLocked, isReadOnly, isUnavailable } from '../storage/unavailable.js'
import { proveByWriting } from './proof.js'

/** Knows whether a change, whoever writes it, comes out of the log that this node reads. */
export interface Guard {
  /** Milliseconds since that was last known; 0 while it is known, Infinity before the first proof. */
  readonly ageMs: () => number
  /** Why nobody may be admitted, as a sentence; undefined where nothing is known to be wrong. */
  readonly reason: () => string | undefined
  /** The connection was lost: what is behind the next one has to be proven anew. */
  readonly doubt: () => void
  /** The database answers: proves now what is in doubt. */
  readonly look: () => void
  /** Proves now. Never rejects. */
  readonly check: () => Promise<void>
  /** Ends; a proof under way is finished first. */
  readonly stop: () => Promise<void>
}

export interface GuardOptions {
  readonly database: Database
  /** Time between two looks at the triggers on a server, which others can reach. Default 5,000 ms. */
  readonly everyMs?: number
  /** Told of each new reason, and of undefined when it is gone. */
  readonly onReason: (reason: string | undefined) => void
  /** Told of a proof that could not be made. */
  readonly onError: (error: unknown) => void
}

const NOT_WRITTEN =
  'A change cannot be written, so that the log cannot be relied on. The log of this node says why.'

/** Makes a guard that has proven nothing yet. */
export const createGuard = (options: GuardOptions): Guard => {
  const { database, everyMs = 5_000 } = options
  let provenAt = Number.NEGATIVE_INFINITY
  /** Counts what put the proof in doubt; equal where the last proof came after it. */
  let doubts = 1
  let doubtsSettled = 0
  /** Whether the last proof could only look at the triggers, because nothing can be written now. */
  let owesWriting = false
  let reason: string | undefined
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const triggers = expectedTriggers()

  const isKnown = (): boolean => reason === undefined && doubtsSettled === doubts

  const prove = async (): Promise<void> => {
    const startedAt = performance.now()
    const settles = doubts
    try {
      const dead = await findDeadTrigger(database, await triggers)
      const found = dead ?? (isKnown() && !owesWriting ? undefined : await write())
      if (found === undefined) {
        provenAt = startedAt
        doubtsSettled = settles
      }
      tell(found)
    } catch (error) {
      // Who cannot be reached says nothing: the age of the log tells of that.
      if (!stopped && !isUnavailable(error)) {
        options.onError(error)
        tell(NOT_WRITTEN)
      }
    }
  }

  const write = async (): Promise<string | undefined> => {
    try {
      const found = await proveByWriting(database)
      owesWriting = false
      return found
    } catch (error) {
      owesWriting = isReadOnly(error) || isLocked(error)
      if (owesWriting || sqlState(error) === INSUFFICIENT_PRIVILEGE) return undefined
      throw error
    }
  }

  const tell = (found: string | undefined): void => {
    if (found === reason) return
    reason = found
    options.onReason(found)
  }

  const check = (): Promise<void> => {
    clearTimeout(timer)
    running ??= prove().finally(() => {
      running = undefined
      // Nobody else reaches the embedded store.
      if (stopped || (database.kind === 'pglite' && isKnown())) return
      timer = setTimeout(() => void check(), everyMs)
    })
    return running
  }

  return {
    ageMs: () => (isKnown() ? 0 : performance.now() - provenAt),
    reason: () => reason,
    doubt() {
      if (isKnown()) provenAt = performance.now()
      doubts += 1
    },
    look() {
      if (doubtsSettled !== doubts && running === undefined) void check()
    },
    check,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

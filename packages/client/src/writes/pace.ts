import { backoffMs } from '../backoff.js'
import type { StoredWrite } from './types.js'
import type { Verdict } from './verdict.js'

/** When the next attempt may be made, and of which write. Forgotten with the page: a new one tries at once. */
export interface Pace {
  /** Of those that may go out, the one to send: who has failed least often, then the oldest. Undefined: none yet. */
  readonly choose: (rows: readonly StoredWrite[]) => StoredWrite | undefined
  /** Takes note of what an attempt has come to. */
  readonly note: (id: string, verdict: Verdict) => void
  /** Something failed that the next write needs as well. */
  readonly pause: (retryAfterMs?: number) => void
  /** Milliseconds until `choose` may choose one of the rows, 1 at the least; Infinity for no rows. */
  readonly delayMs: (rows: readonly StoredWrite[]) => number
  /** Waits no longer. */
  readonly reset: () => void
}

interface Failures {
  readonly count: number
  readonly notBefore: number
}

const NONE: Failures = { count: 0, notBefore: 0 }

/** Times are those of a clock that nobody sets. */
export const createPace = (random: () => number, now: () => number): Pace => {
  /** By the id of a write; those that concern all of them, under ''. */
  const failures = new Map<string, Failures>()
  let tokensRefused = 0

  const failuresOf = (id: string): Failures => failures.get(id) ?? NONE
  const fail = (id: string, retryAfterMs?: number): void => {
    const { count } = failuresOf(id)
    const notBefore = now() + backoffMs(count, retryAfterMs, random)
    failures.set(id, { count: count + 1, notBefore })
  }
  const dueAt = ({ id }: StoredWrite): number =>
    Math.max(failuresOf('').notBefore, failuresOf(id).notBefore)
  const pause = (retryAfterMs?: number): void => {
    fail('', retryAfterMs)
  }

  return {
    choose: (rows) =>
      rows
        .filter((row) => dueAt(row) <= now())
        .sort((a, b) => failuresOf(a.id).count - failuresOf(b.id).count || a.n - b.n)[0],
    note: (id, verdict) => {
      tokensRefused = verdict.kind === 'stale_token' ? tokensRefused + 1 : 0
      if (verdict.kind === 'unsure' && verdict.isGeneral) {
        // It goes behind the others, so that one on which the service hangs holds up only its own item.
        failures.set(id, { count: failuresOf(id).count + 1, notBefore: 0 })
        pause(verdict.retryAfterMs)
        return
      }
      failures.delete('')
      if (verdict.kind === 'unsure') fail(id, verdict.retryAfterMs)
      else failures.delete(id)
      // A renewed token that is refused as well.
      if (tokensRefused > 1) pause()
    },
    pause,
    // Never 0: that would be at once, and there is nothing to do at once.
    delayMs: (rows) => Math.max(1, Math.min(...rows.map(dueAt)) - now()),
    reset: () => {
      failures.clear()
    },
  }
}

const WARN_BEFORE_MS = 60_000
/**
 * Longest sleep of a clock. Timers of one length share a list in Node; each length has one of its own, and who logged in
 * at different times has different lengths left. So far off they sleep whole minutes.
 */
const MAX_SLEEP_MS = 15 * 60_000
const STEP_MS = 60_000

/** ISO 8601 of a moment in ms since 1970; null for one that never comes. */
export const isoTime = (time: number): string | null =>
  Number.isFinite(time) ? new Date(time).toISOString() : null

/** What a clock tells of, and reads. */
export interface Expiring {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onExpiring: (expiresAt: Date) => void
  readonly onExpired: () => void
}

/** Warns 60 s before a session ends (at half its life where that is shorter), and tells when it has ended. */
export class Expiry {
  readonly #session: Expiring
  #timer: NodeJS.Timeout | undefined
  #expiresAt = Number.POSITIVE_INFINITY
  /** Infinite once it was given. */
  #warnAt = Number.POSITIVE_INFINITY

  constructor(session: Expiring) {
    this.#session = session
  }

  /** Arms the clock for a session that ends at `expiresAt` (ms since 1970); replaces what was armed. */
  set(expiresAt: number): void {
    const lifeMs = expiresAt - this.#session.now()
    this.#expiresAt = expiresAt
    this.#warnAt = expiresAt - Math.min(WARN_BEFORE_MS, lifeMs / 2)
    this.#sleep()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #sleep(): void {
    clearTimeout(this.#timer)
    if (!Number.isFinite(this.#expiresAt)) return
    const leftMs = Math.max(Math.min(this.#warnAt, this.#expiresAt) - this.#session.now(), 0)
    const sleepMs = leftMs < STEP_MS ? leftMs : Math.min(leftMs - (leftMs % STEP_MS), MAX_SLEEP_MS)
    this.#timer = setTimeout(wake, sleepMs, this)
  }

  /** A timer may be early by a millisecond, or was cut short. */
  wake(): void {
    const now = this.#session.now()
    if (now >= this.#expiresAt) {
      this.#session.onExpired()
      return
    }
    if (now >= this.#warnAt) {
      this.#warnAt = Number.POSITIVE_INFINITY
      this.#sleep()
      this.#session.onExpiring(new Date(this.#expiresAt))
      return
    }
    this.#sleep()
  }
}

const wake = (expiry: Expiry): void => {
  expiry.wake()
}

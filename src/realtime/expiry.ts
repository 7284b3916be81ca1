/** Longest delay of a timer in Node: 2^31-1 ms; a longer one fires at once. */
const MAX_DELAY_MS = 2_147_483_647
const WARN_BEFORE_MS = 60_000

/** ISO 8601 of a moment in ms since 1970; null for one that never comes. */
export const isoTime = (time: number): string | null =>
  Number.isFinite(time) ? new Date(time).toISOString() : null

export interface Expiry {
  /** Arms the clock for a session that ends at `expiresAt` (ms since 1970); replaces what was armed. */
  readonly set: (expiresAt: number) => void
  readonly stop: () => void
}

/** Warns 60 s before a session ends (at half its life where that is shorter), and tells when it has ended. */
export const createExpiry = (deps: {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onExpiring: (expiresAt: Date) => void
  readonly onExpired: () => void
}): Expiry => {
  let timer: NodeJS.Timeout | undefined

  const at = (time: number, then: () => void): void => {
    clearTimeout(timer)
    const delay = time - deps.now()
    timer = setTimeout(
      () => {
        // A timer may be early by a millisecond, or was cut to the longest delay there is.
        if (deps.now() < time) at(time, then)
        else then()
      },
      Math.min(Math.max(delay, 0), MAX_DELAY_MS),
    )
  }

  return {
    set(expiresAt) {
      clearTimeout(timer)
      if (!Number.isFinite(expiresAt)) return
      const lifeMs = expiresAt - deps.now()
      at(expiresAt - Math.min(WARN_BEFORE_MS, lifeMs / 2), () => {
        at(expiresAt, deps.onExpired)
        deps.onExpiring(new Date(expiresAt))
      })
    },
    stop() {
      clearTimeout(timer)
    },
  }
}

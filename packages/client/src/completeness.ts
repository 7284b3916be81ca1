import type { ServerClock } from './server-clock.js'

/** Since when the view may be incomplete. */
export interface Completeness {
  /** A connection stands; with `resumed`, what was missed is on its way and its end is not told. */
  readonly connected: (resumed: boolean) => void
  /** All there is has been read, or the database's own digest has come behind all that was missed. */
  readonly caughtUp: () => void
  /** An entry of this time was applied: until then, the view was complete. */
  readonly applied: (timestamp: string) => void
  /** Something was heard at this moment of this device's clock, and nothing is known to be missing. */
  readonly heardAt: (deviceTime: number) => void
  readonly stop: () => void
}

/** A server that tells no digest has sent what was missed when it has been silent for so long. */
const QUIET_MS = 5_000

/**
 * Calls `onComplete` with the server's time up to which the view is known to be complete; `asOf` gives what it was called
 * with the last time.
 */
export const createCompleteness = (
  clock: ServerClock,
  asOf: () => number | null,
  onComplete: (asOf: number) => void,
): Completeness => {
  let isBehind = false
  let quietTimer: ReturnType<typeof setTimeout> | undefined

  const waitForQuiet = (): void => {
    clearTimeout(quietTimer)
    quietTimer = setTimeout(() => {
      isBehind = false
      onComplete(clock.now())
    }, QUIET_MS)
  }
  const stop = (): void => {
    clearTimeout(quietTimer)
  }

  return {
    connected: (resumed) => {
      isBehind = resumed
      if (resumed) waitForQuiet()
    },
    caughtUp: () => {
      stop()
      isBehind = false
    },
    applied: (timestamp) => {
      if (!isBehind) return
      waitForQuiet()
      onComplete(Math.max(asOf() ?? 0, Date.parse(timestamp)))
    },
    heardAt: (deviceTime) => {
      if (!isBehind) onComplete(clock.at(deviceTime))
    },
    stop,
  }
}

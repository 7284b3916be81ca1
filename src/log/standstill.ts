/** Notices that this process has stood still: it was paused, or something kept it from its event loop. */
export interface Standstill {
  /**
   * When the last standstill ended, by `performance.now()`; -Infinity where there was none. Whoever runs first after one
   * finds it out by asking, so nobody acts before it is known.
   */
  readonly lastEndedAt: () => number
  readonly stop: () => void
}

const BEAT_EVERY_MS = 100

/** Watches from now on; `limitMs` is the shortest standstill that counts, give or take a beat of 100 ms. Default 500 ms. */
export const watchStandstill = (limitMs = 500): Standstill => {
  let seenAt = performance.now()
  let seenAtWall = Date.now()
  let endedAt = Number.NEGATIVE_INFINITY

  const look = (): void => {
    const now = performance.now()
    const nowByWall = Date.now()
    // The monotonic clock counts a stopped process, but not a suspended machine. A stepped wall clock costs one read.
    if (Math.max(now - seenAt, nowByWall - seenAtWall) >= limitMs) endedAt = now
    seenAt = now
    seenAtWall = nowByWall
  }
  const timer = setInterval(look, BEAT_EVERY_MS)
  timer.unref()

  return {
    lastEndedAt: () => {
      look()
      return endedAt
    },
    stop: () => {
      clearInterval(timer)
    },
  }
}

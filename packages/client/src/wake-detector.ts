export interface WakeDetectorOptions {
  /** The computer slept, or the page was shown again: what looks open may be dead. */
  readonly onWake: () => void
  /** The network is another one, or back. */
  readonly onOnline: () => void
  /** The page is going, perhaps for ever: the last moment to keep something. */
  readonly onHide: () => void
  /** Every few seconds while awake. */
  readonly onTick: () => void
}

const TICK_MS = 5_000
/** Later than this is no busy computer and no throttled tab, which gets its turn once a minute at the least. */
const GAP_MS = 70_000

/** Tells when time has passed without us. Returns the stop. */
export const startWakeDetector = (options: WakeDetectorOptions): (() => void) => {
  const { onWake, onOnline, onHide, onTick } = options
  let lastTickAt = Date.now()
  const timer = setInterval(() => {
    const now = Date.now()
    const passedMs = now - lastTickAt
    lastTickAt = now
    // A clock that was set shows the same; looking once too often costs nothing.
    if (passedMs > GAP_MS || passedMs < 0) onWake()
    onTick()
  }, TICK_MS)

  const ended = new AbortController()
  if (typeof document !== 'undefined') {
    const { signal } = ended
    const onVisibility = (): void => {
      if (document.hidden) onHide()
      else onWake()
    }
    document.addEventListener('visibilitychange', onVisibility, { signal })
    addEventListener('pageshow', onWake, { signal })
    addEventListener('pagehide', onHide, { signal })
    addEventListener('online', onOnline, { signal })
  }
  return () => {
    clearInterval(timer)
    ended.abort()
  }
}

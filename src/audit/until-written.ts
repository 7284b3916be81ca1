import { setTimeout as delay } from 'node:timers/promises'

export interface Persistence {
  /** Ends the tries. */
  readonly stopped: AbortSignal
  /** Told of the first failure and about once a minute of those that follow. */
  readonly onFailure: (error: unknown) => void
  /** Told of a success after failures. */
  readonly onBack: (failures: number) => void
}

// Attempts (ms after the first failure): 100, 300, 700, 1,500, 3,100, then every 2 seconds.
const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 2_000
// About one line a minute.
const FAILURES_PER_LINE = 30

/** Calls `write` until it succeeds; false where it was stopped before. */
export const untilWritten = async (
  write: () => Promise<unknown>,
  { stopped, onFailure, onBack }: Persistence,
): Promise<boolean> => {
  let retryMs = FIRST_RETRY_MS
  for (let failures = 0; !stopped.aborted; failures += 1) {
    try {
      await write()
      if (failures > 0) onBack(failures)
      return true
    } catch (error) {
      if (failures % FAILURES_PER_LINE === 0) onFailure(error)
      await delay(retryMs, undefined, { signal: stopped }).catch(() => undefined)
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
    }
  }
  return false
}

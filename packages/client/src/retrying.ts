import { backoffMs } from './backoff.js'
import { realtimeErrorFrom, type ClientErrorCode, type RealtimeError } from './errors.js'

export interface RetryingOptions {
  /**
   * What is tried; false where what it got will not do. It may run for longer than anybody wants it: after each wait it has to
   * ask whether it `isStopped`.
   */
  readonly get: (isStopped: () => boolean) => Promise<unknown>
  /** Told of each failure; one that is not `retryable` is the last. */
  readonly onError?: ((error: RealtimeError) => void) | undefined
  /** Code of a failure that brings none of its own. */
  readonly code: ClientErrorCode
  readonly random: () => number
}

/** Tries until it succeeds, at the pace of the back-off. Returns the stop. */
export const keepTrying = ({ get, onError, code, random }: RetryingOptions): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  const isStopped = (): boolean => stopped

  const attempt = async (failures: number): Promise<void> => {
    // What came and will not do was asked for too early, most likely by a moment.
    let delayMs = failures === 0 ? 0 : backoffMs(failures, undefined, random)
    try {
      if ((await get(isStopped)) !== false) return
    } catch (thrown) {
      if (isStopped()) return
      const error = realtimeErrorFrom(thrown, code)
      onError?.(error)
      if (!error.retryable) return
      delayMs = backoffMs(failures, error.retryAfterMs, random)
    }
    if (!isStopped()) timer = setTimeout(() => void attempt(failures + 1), delayMs)
  }

  void attempt(0)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

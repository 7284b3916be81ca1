import { backoffMs } from './backoff.js'
import { realtimeErrorFrom, wireErrorFrom, type RealtimeError } from './errors.js'
import type { SocketLink } from './socket-link.js'

export interface TokenRenewalOptions {
  /** Gets a token other than the one in use. */
  readonly getToken: () => Promise<string>
  readonly link: Pick<SocketLink, 'refresh'>
  /** The connection lives on with `token`, until `sessionExpiresAt`. */
  readonly onRenewed: (token: string, sessionExpiresAt: string | null) => void
  /** There is no new token to be had: the session ends when the server says so, or at once if this is final. */
  readonly onFailed: (error: RealtimeError) => void
  readonly random: () => number
}

/**
 * Brings a new token to the live socket, trying again until `stop` is called: the server closes an expired
 * session by itself. Returns `stop`.
 */
export const startTokenRenewal = (options: TokenRenewalOptions): (() => void) => {
  let stopped = false
  let retryTimer: ReturnType<typeof setTimeout> | undefined

  // A function, because the compiler does not see that `stopped` may change during an await.
  const isStopped = (): boolean => stopped

  const attemptRenewal = async (attempt: number): Promise<void> => {
    try {
      const token = await options.getToken()
      if (isStopped()) return
      const answer = await options.link.refresh(token)
      if (isStopped()) return
      if (answer.ok) {
        options.onRenewed(token, answer.sessionExpiresAt)
        return
      }
      throw wireErrorFrom(answer.error, 'The new token was refused') ?? new Error('refused')
    } catch (thrown) {
      if (isStopped()) return
      const error = realtimeErrorFrom(thrown, 'TOKEN_UNAVAILABLE')
      options.onFailed(error)
      if (!error.retryable) return
      retryTimer = setTimeout(
        () => {
          void attemptRenewal(attempt + 1)
        },
        backoffMs(attempt, error.retryAfterMs, options.random),
      )
    }
  }

  void attemptRenewal(0)
  return () => {
    stopped = true
    clearTimeout(retryTimer)
  }
}

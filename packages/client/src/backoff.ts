const BASE_MS = 400
const MAX_MS = 10_000

/**
 * Milliseconds to wait before attempt number `attempt` (0 is the first one after a failure): doubles from
 * 0.4 s to 10 s, of which a random half is left out, so that clients cut at the same moment do not return
 * at the same moment. Never less than the server's `retryAfterMs`.
 */
export const backoffMs = (
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number => {
  const jittered = (Math.min(MAX_MS, BASE_MS * 2 ** attempt) / 2) * (1 + random())
  return Math.round(Math.max(jittered, retryAfterMs ?? 0))
}

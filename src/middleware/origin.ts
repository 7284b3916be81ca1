import type { IncomingMessage } from 'node:http'

/**
 * Makes the rule on a browser's `Origin`: the allowed ones and the server's own pass, and a request without one, which
 * no browser sent. Holds for the WebSocket too, to which CORS does not apply.
 */
export const createOriginRule =
  (allowed: readonly string[]) =>
  (request: IncomingMessage): boolean => {
    const { origin, host } = request.headers
    if (origin === undefined) return true
    if (allowed.includes(origin)) return true
    try {
      return new URL(origin).host === host
    } catch {
      // `null`: a sandboxed page or a file.
      return false
    }
  }

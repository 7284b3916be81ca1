import { ServerResponse, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { RealtimeServer } from '../middleware/socket-types.js'

/** What the gate asks and tells. */
export interface RequestGateDeps {
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean
  readonly onOriginRefused: (request: IncomingMessage) => void
}

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-site',
  'X-Frame-Options': 'DENY',
}

/**
 * Stands before every request to `/socket.io/`, those of a session that exists included: engine.io asks `allowRequest` at
 * the handshake only, and a cross-site POST of plain text needs no preflight. Call it once, after `io.attach`.
 */
export const guardRequests = (
  io: RealtimeServer,
  httpServer: HttpServer,
  deps: RequestGateDeps,
): void => {
  // First of all listeners, so that refusals and preflights carry them, too.
  httpServer.prependListener('request', (request, response) => {
    if (request.url?.startsWith(io.path()) !== true) return
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
  })
  io.engine.on('headers', (headers: Record<string, string>, request: IncomingMessage) => {
    // An answer to polling has them already.
    if (request.headers.upgrade !== undefined) Object.assign(headers, SECURITY_HEADERS)
  })
  io.engine.use((request: IncomingMessage, response: unknown, next: () => void) => {
    if (!deps.isAllowedOrigin(request)) {
      deps.onOriginRefused(request)
      refuse(request, response, 403, 'Origin not allowed')
    } else if (isJsonp(request)) {
      refuse(request, response, 400, 'JSONP is not served')
    } else {
      next()
    }
  })
}

/** A script element of any page gets an answer to this without an `Origin`; no client of today needs it. */
const isJsonp = ({ url = '' }: IncomingMessage): boolean =>
  new URLSearchParams(url.split('?')[1]).has('j')

const refuse = (
  request: IncomingMessage,
  response: unknown,
  status: 400 | 403,
  message: string,
): void => {
  if (response instanceof ServerResponse) {
    response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' })
    response.end(JSON.stringify({ message }))
    return
  }
  // Node has taken its own listener off an upgraded connection: without one a reset ends the process.
  request.socket.on('error', () => undefined)
  const reason = status === 403 ? 'Forbidden' : 'Bad Request'
  request.socket.end(
    `HTTP/1.1 ${status.toString()} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  )
}

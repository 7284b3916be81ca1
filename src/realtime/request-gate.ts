import { ServerResponse, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { RealtimeServer } from '../middleware/socket-types.js'
import { connectionsOf, type Connection } from './connection.js'

/** What the gate asks and tells. */
export interface RequestGateDeps {
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean
  readonly onOriginRefused: (request: IncomingMessage) => void
  /** Told of each request by which a polling connection sends something, before it is read. */
  readonly onPost: (connection: Connection) => void
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
      const connection = postedTo(io, request)
      if (connection !== undefined) deps.onPost(connection)
      next()
    }
  })
}

/** The connection that `request` sends to: it is anything but a poll or an upgrade, and names one that exists. */
const postedTo = (io: RealtimeServer, request: IncomingMessage): Connection | undefined => {
  if (request.method === 'GET') return undefined
  const sid = queryOf(request).get('sid')
  const connections = connectionsOf(io.engine)
  return sid !== null && Object.hasOwn(connections, sid) ? connections[sid] : undefined
}

const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams =>
  new URLSearchParams(url.split('?')[1])

/** A script element of any page gets an answer to this without an `Origin`; no client of today needs it. */
const isJsonp = (request: IncomingMessage): boolean => queryOf(request).has('j')

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

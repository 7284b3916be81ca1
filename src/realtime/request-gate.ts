import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RealtimeServer } from '../middleware/socket-types.js'
import { connectionsOf, type Connection } from './connection.js'

/** What the gate asks and tells. */
export interface RequestGateDeps {
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean
  /** Origins whose pages may read the answers; the own one needs no leave. */
  readonly allowedOrigins: readonly string[]
  readonly onOriginRefused: (request: IncomingMessage) => void
  /** Told of each request by which a polling connection sends something, before it is read. */
  readonly onPost: (connection: Connection) => void
  /** Serves a request to upgrade; false where it is left to engine.io. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
  /** Whether requests stay on `socket.request` as Node has made them; else what is needed of them until the verdict. */
  readonly keepsRequests: boolean
}

export const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-site',
  'X-Frame-Options': 'DENY',
}

/** The same as lines of an answer's head. */
export const HEADER_LINES = Object.entries(SECURITY_HEADERS)
  .map(([name, value]) => `${name}: ${value}`)
  .join('\r\n')

/**
 * Stands before every request to `/socket.io/`, those of a session that exists included: engine.io asks `allowRequest` at
 * the handshake only, and a cross-site POST of plain text needs no preflight. It is none of engine.io's middleware, which
 * makes a chain of promises for each upgrade. Call it once, after `io.attach`.
 */
export const guardRequests = (io: RealtimeServer, deps: RequestGateDeps): void => {
  const { engine } = io
  const handleRequest = engine.handleRequest.bind(engine)
  const handleUpgrade = engine.handleUpgrade.bind(engine)

  /** Why the request is not taken; undefined where it is. */
  const refusalOf = (request: IncomingMessage): Refusal | undefined => {
    if (!deps.isAllowedOrigin(request)) {
      deps.onOriginRefused(request)
      return { status: 403, reason: 'Forbidden', message: 'Origin not allowed' }
    }
    // A script element of any page gets an answer to this without an `Origin`; no client of today needs it.
    return queryOf(request).has('j')
      ? { status: 400, reason: 'Bad Request', message: 'JSONP is not served' }
      : undefined
  }

  engine.handleRequest = (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    allowReading(request, response, deps.allowedOrigins)
    if (request.method === 'OPTIONS') {
      answerPreflight(request, response)
      return
    }
    const refusal = refusalOf(request)
    if (refusal !== undefined) {
      refuse(response, refusal)
      return
    }
    const connection = postedTo(io, request)
    if (connection !== undefined) deps.onPost(connection)
    handleRequest(request, response)
  }

  engine.handleUpgrade = (request, socket, head) => {
    // Nearly every upgrade asks for just this.
    if (request.url === PLAIN_HANDSHAKE) Reflect.set(request, '_query', plainQuery())
    const refusal = refusalOf(request)
    if (refusal !== undefined) {
      hangUp(socket, refusal)
      return
    }
    const kept = deps.keepsRequests ? request : essenceOf(request)
    if (!deps.onUpgrade(kept, socket, head)) handleUpgrade(kept, socket, head)
  }
}

interface Refusal {
  readonly status: 400 | 403
  readonly reason: string
  readonly message: string
}

const PLAIN_HANDSHAKE = '/socket.io/?EIO=4&transport=websocket'

/** What engine.io would make of it by itself, of a whole `URL`; it takes what it finds. */
const plainQuery = (): object =>
  Object.assign(Object.create(null) as object, { EIO: '4', transport: 'websocket' })

/** engine.io holds the request of a WebSocket for as long as it lives: here is all that it, `ws` and Socket.IO look at. */
const essenceOf = (request: IncomingMessage): IncomingMessage => {
  const { method, url, headers, socket } = request
  const query: unknown = Reflect.get(request, '_query')
  const essence = { method, url, headers, socket, connection: socket, _query: query }
  // The other members of a request have served when it is an upgrade.
  return essence as Partial<IncomingMessage> as IncomingMessage
}

/** CORS as for REST: for the allowed origins only, and there is no cookie to go with it. */
const allowReading = (
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: readonly string[],
): void => {
  response.setHeader('Vary', 'Origin')
  if (origin === undefined || !allowedOrigins.includes(origin)) return
  response.setHeader('Access-Control-Allow-Origin', origin)
  response.setHeader('Access-Control-Allow-Credentials', 'true')
}

const answerPreflight = ({ headers }: IncomingMessage, response: ServerResponse): void => {
  response.setHeader('Vary', 'Origin, Access-Control-Request-Headers')
  response.setHeader('Access-Control-Allow-Methods', 'GET,POST')
  const asked = headers['access-control-request-headers']
  if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked)
  response.writeHead(204, { 'Content-Length': '0' })
  response.end()
}

/** The connection that `request` sends to: it is anything but a poll or an upgrade, and names one that exists. */
const postedTo = (io: RealtimeServer, request: IncomingMessage): Connection | undefined => {
  if (request.method === 'GET') return undefined
  const sid = queryOf(request).get('sid')
  const connections = connectionsOf(io.engine)
  return sid !== null && Object.hasOwn(connections, sid) ? connections[sid] : undefined
}

const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams =>
  new URLSearchParams(url === PLAIN_HANDSHAKE ? '' : url.split('?')[1])

const refuse = (response: ServerResponse, { status, message }: Refusal): void => {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' })
  response.end(JSON.stringify({ message }))
}

const hangUp = (socket: Duplex, { status, reason }: Refusal): void => {
  // Node has taken its own listener off an upgraded connection: without one a reset ends the process.
  socket.on('error', () => undefined)
  socket.end(
    `HTTP/1.1 ${status.toString()} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  )
}

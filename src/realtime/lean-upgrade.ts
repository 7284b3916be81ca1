import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Socket as TcpSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import { LeanConnection } from './lean-connection.js'
import type { LeanHost } from './lean-host.js'
import { HEADER_LINES } from './request-gate.js'
import { encodeFrame, OPCODE } from './web-socket-frame.js'

/** What there is of engine.io that its declarations keep to itself. */
export interface Engine {
  readonly clients: Record<string, unknown>
  clientsCount: number
  readonly middlewares: readonly unknown[]
  readonly opts: {
    readonly transports: readonly string[]
    readonly pingInterval: number
    readonly pingTimeout: number
    readonly maxHttpBufferSize: number
    readonly cookie?: unknown
    readonly allowRequest?: unknown
    readonly initialPacket?: unknown
  }
  readonly generateId: (request: IncomingMessage) => unknown
  readonly listenerCount: (event: string) => number
  readonly emit: (event: string, connection: LeanConnection) => unknown
}

export interface LeanUpgradeDeps {
  readonly engine: Engine
  readonly limits: Pick<LeanHost<LeanConnection>, 'framesPerSecond' | 'maxFragments' | 'goodbyeMs'>
  readonly onFlood: (connection: LeanConnection) => void
  /** No more are taken; engine.io says so. */
  readonly isClosed: () => boolean
}

/**
 * Makes the function that opens a lean connection for what nearly every client asks for: a WebSocket of Engine.IO 4 from the
 * start. False, and nothing done, for all else: engine.io knows what to do about it, or how to refuse it.
 */
export const createLeanUpgrade = (deps: LeanUpgradeDeps) => {
  const { engine } = deps
  const { pingInterval, pingTimeout, maxHttpBufferSize } = engine.opts
  const opening = JSON.stringify({
    upgrades: [],
    pingInterval,
    pingTimeout,
    maxPayload: maxHttpBufferSize,
  })
  const host: LeanHost<LeanConnection> = {
    ...deps.limits,
    maxPayloadBytes: maxHttpBufferSize,
    pingIntervalMs: pingInterval,
    pingTimeoutMs: pingTimeout,
    onFlood: deps.onFlood,
    onEnd: ({ id }) => {
      Reflect.deleteProperty(engine.clients, id)
      engine.clientsCount -= 1
    },
  }

  /** Whether nobody has asked engine.io for more than to connect. */
  const isPlainEngine = (): boolean =>
    engine.middlewares.length === 0 &&
    engine.opts.transports.includes('websocket') &&
    engine.opts.cookie === undefined &&
    engine.opts.allowRequest === undefined &&
    engine.opts.initialPacket === undefined &&
    engine.listenerCount('headers') === 0 &&
    engine.listenerCount('initial_headers') === 0 &&
    !deps.isClosed()

  return (request: IncomingMessage, tcp: Duplex, head: Buffer): boolean => {
    if (!(tcp instanceof TcpSocket) || !tcp.readable || !tcp.writable) return false
    if (!isPlainUpgrade(request) || !isPlainEngine()) return false
    const id = engine.generateId(request)
    if (typeof id !== 'string') return false

    tcp.write(answerTo(request, `0{"sid":${JSON.stringify(id)},${opening.slice(1)}`), 'latin1')
    if (head.length > 0) tcp.unshift(head)
    const connection = new LeanConnection(host, id, request, tcp)
    engine.clients[id] = connection
    engine.clientsCount += 1
    engine.emit('connection', connection)
    return true
  }
}

const KEY = /^[+/0-9A-Za-z]{22}==$/

/** One that is as it should be, and asks for nothing that only engine.io and `ws` have. */
const isPlainUpgrade = (request: IncomingMessage): boolean => {
  const { method, headers, url = '' } = request
  if (
    method !== 'GET' ||
    headers.upgrade?.toLowerCase() !== 'websocket' ||
    headers['sec-websocket-version'] !== '13' ||
    !KEY.test(headers['sec-websocket-key'] ?? '') ||
    headers['sec-websocket-protocol'] !== undefined
  ) {
    return false
  }
  if (Reflect.get(request, '_query') !== undefined) return true
  // As engine.io reads it.
  const at = URL.canParse(url, BASE) ? new URL(url, BASE) : undefined
  if (at === undefined) return false
  const query = Object.fromEntries(at.searchParams)
  const { EIO, transport, sid = '', b64 = '' } = query
  if (EIO !== '4' || transport !== 'websocket' || sid !== '' || b64 !== '') return false
  Reflect.set(request, '_query', query)
  return true
}

const BASE = 'https://socket.io'

/** The answer to the upgrade and engine.io's first packet, in one write; all of it is Latin-1. */
const answerTo = ({ headers }: IncomingMessage, opening: string): string => {
  const accept = hash('sha1', `${headers['sec-websocket-key'] ?? ''}${GUID}`, 'base64')
  return `${HEAD}${accept}\r\n${HEADER_LINES}\r\n\r\n${encodeFrame(OPCODE.text, opening).toString('latin1')}`
}

const HEAD =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: '
/** RFC 6455 section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

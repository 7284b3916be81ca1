import { WebSocket, WebSocketServer, type ServerOptions } from 'ws'
import { Budget } from './limits.js'
import { SECURITY_HEADERS } from './request-gate.js'

/** What our clients send comes in one frame; a message in thousands of empty ones would count as one packet. */
const MAX_FRAGMENTS = 128

const HEADER_LINES = Object.entries(SECURITY_HEADERS)
  .map(([name, value]) => `${name}: ${value}`)
  .join('\r\n')

/** A WebSocket that counts its pings and pongs, and can put all that is sent in one turn of the event loop into one write. */
class JoiningWebSocket extends WebSocket {
  #isJoining = false
  #frames: Budget | undefined
  #onExceeded: ((webSocket: WebSocket) => void) | undefined

  /** Calls `onExceeded` once where it has got two seconds' worth of pings and pongs at once. */
  limitFrames(perSecond: number, onExceeded: (webSocket: WebSocket) => void): void {
    this.#frames = new Budget(perSecond)
    this.#onExceeded = onExceeded
  }

  // Not by listeners: two of them are half a kilobyte of each of thousands of idle clients.
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if ((event === 'ping' || event === 'pong') && this.#frames?.spend() === false) {
      const onExceeded = this.#onExceeded
      this.#onExceeded = undefined
      onExceeded?.(this)
    }
    return super.emit(event, ...args)
  }

  /** From now to the end of the turn. A write is a call of the system, and the dearest part of a short message. */
  join(): void {
    const { _socket: tcp } = this as unknown as WebSocketInside
    if (this.#isJoining || !tcp) return
    this.#isJoining = true
    tcp.cork()
    setImmediate(() => {
      this.#isJoining = false
      tcp.uncork()
    })
  }

  // One signature of the two that it overrides: engine.io's.
  override send(data: Parameters<WebSocket['send']>[0], done?: unknown): void {
    const onSent = typeof done === 'function' ? (done as (error?: Error) => void) : undefined
    if (!this.#isJoining) {
      super.send(data, onSent)
      return
    }
    super.send(data)
    // engine.io hands over the next packet only then. What waits here counts as `bufferedAmount`.
    onSent?.()
  }
}

interface WebSocketInside {
  readonly _socket?: { readonly cork: () => void; readonly uncork: () => void } | null
}

/**
 * Makes the WebSocket server that engine.io is to use. It watches pings and pongs of the protocol itself, which engine.io
 * hears nothing of, from the first frame on, and calls `onExceeded` once for a socket that has sent two seconds' worth at once.
 */
export const createWebSocketEngine = (
  perSecond: number,
  onExceeded: (webSocket: WebSocket) => void,
): new (options?: ServerOptions) => WebSocketServer => {
  return class extends WebSocketServer {
    constructor(options?: ServerOptions) {
      super({ ...options, maxFragments: MAX_FRAGMENTS, WebSocket: JoiningWebSocket })
      this.on('headers', (headers) => headers.push(HEADER_LINES))
    }

    override handleUpgrade(...[request, socket, head, done]: Upgrade): void {
      // The answer, and the packet that engine.io opens with.
      socket.cork()
      setImmediate(() => {
        socket.uncork()
      })
      super.handleUpgrade(request, socket, head, (webSocket, upgraded) => {
        if (webSocket instanceof JoiningWebSocket) webSocket.limitFrames(perSecond, onExceeded)
        done(webSocket, upgraded)
      })
    }
  }
}

type Upgrade = Parameters<WebSocketServer['handleUpgrade']>

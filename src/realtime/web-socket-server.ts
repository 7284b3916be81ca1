import { WebSocket, WebSocketServer, type ServerOptions } from 'ws'
import { Budget } from './budget.js'
import { HEADER_LINES } from './request-gate.js'

/** What our clients send comes in one frame; a message in thousands of empty ones would count as one packet. */
export const MAX_FRAGMENTS = 128

/** A WebSocket that counts its pings and pongs. */
class CountingWebSocket extends WebSocket {
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
}

/**
 * Makes the WebSocket server that engine.io is to use for what is no lean connection. It watches pings and pongs of the
 * protocol itself, which engine.io hears nothing of, from the first frame on, and calls `onExceeded` once for a socket
 * that has sent two seconds' worth at once.
 */
export const createWebSocketEngine = (
  perSecond: number,
  onExceeded: (webSocket: WebSocket) => void,
): new (options?: ServerOptions) => WebSocketServer => {
  return class extends WebSocketServer {
    constructor(options?: ServerOptions) {
      super({ ...options, maxFragments: MAX_FRAGMENTS, WebSocket: CountingWebSocket })
      this.on('headers', (headers) => headers.push(HEADER_LINES))
    }

    override handleUpgrade(...[request, socket, head, done]: Upgrade): void {
      super.handleUpgrade(request, socket, head, (webSocket, upgraded) => {
        if (webSocket instanceof CountingWebSocket) webSocket.limitFrames(perSecond, onExceeded)
        done(webSocket, upgraded)
      })
    }
  }
}

type Upgrade = Parameters<WebSocketServer['handleUpgrade']>

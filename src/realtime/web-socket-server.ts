import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws'
import { createBudget } from './limits.js'

/** What our clients send comes in one frame; a message in thousands of empty ones would count as one packet. */
const MAX_FRAGMENTS = 128

/**
 * Makes the WebSocket server that engine.io is to use. It watches pings and pongs of the protocol itself, which engine.io
 * hears nothing of, from the first frame on, and calls `onExceeded` once for a socket that has sent two seconds' worth at once.
 */
export const createWebSocketEngine = (
  perSecond: number,
  onExceeded: (webSocket: WebSocket) => void,
): new (options?: ServerOptions) => WebSocketServer => {
  const watch = (webSocket: WebSocket): void => {
    const spend = createBudget(perSecond)
    const onFrame = (): void => {
      if (spend()) return
      webSocket.off('ping', onFrame).off('pong', onFrame)
      onExceeded(webSocket)
    }
    webSocket.on('ping', onFrame).on('pong', onFrame)
  }

  return class extends WebSocketServer {
    constructor(options?: ServerOptions) {
      super({ ...options, maxFragments: MAX_FRAGMENTS })
    }

    override handleUpgrade(...[request, socket, head, done]: Upgrade): void {
      super.handleUpgrade(request, socket, head, (webSocket, upgraded) => {
        watch(webSocket)
        done(webSocket, upgraded)
      })
    }
  }
}

type Upgrade = Parameters<WebSocketServer['handleUpgrade']>

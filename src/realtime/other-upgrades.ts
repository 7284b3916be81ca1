import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'

type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void

/**
 * Answers requests that offer another protocol than WebSocket as if they offered none, which is what a server that does
 * not speak it does (RFC 9110 section 7.8). Node takes every offer for an upgrade once somebody listens for one, and
 * engine.io hangs up on it after a second: so every first request of Java's HttpClient and of `curl --http2` ended, for
 * they offer HTTP/2. Call it once, after `io.attach`. Where somebody else listens for upgrades, they are his.
 */
export const answerOtherUpgrades = (httpServer: HttpServer): void => {
  const listeners = httpServer.listeners('upgrade') as OnUpgrade[]
  const engine = listeners.at(-1)
  if (engine === undefined) return
  httpServer.off('upgrade', engine)
  httpServer.on('upgrade', (request, socket: Socket, head) => {
    const isOther = request.headers.upgrade?.toLowerCase() !== 'websocket'
    if (isOther && httpServer.listenerCount('upgrade') === 1) sayAgain(httpServer, request, head)
    else engine.call(httpServer, request, socket, head)
  })
}

/** Hands the connection to the server anew, with the same request on it, less the offer; it is the last one there. */
const sayAgain = (httpServer: HttpServer, request: IncomingMessage, head: Buffer): void => {
  const { socket, method = 'GET', url = '/', httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2)
    if (!REPLACED.has(name.toLowerCase())) lines.push(`${name}: ${value}`)
  }
  lines.push('Connection: close', '', '')
  socket.unshift(head)
  socket.unshift(Buffer.from(lines.join('\r\n'), 'latin1'))
  httpServer.emit('connection', socket)
}

const REPLACED = new Set(['upgrade', 'http2-settings', 'connection'])

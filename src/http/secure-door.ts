import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer, type Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { makeResettable } from '../tls/resettable.js'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface DoorOptions {
  /** Key and certificate in PEM. */
  readonly key: string
  readonly certificate: string
  /** Who takes longer is hung up on. Default 15 s: a tablet at the edge of the Wi-Fi takes some; Node would give 120. */
  readonly handshakeWithinMs?: number
}

/**
 * Makes a server for HTTPS that hands all it gets to `inner`, sockets included, with the same patience. It does not listen.
 * New keys are taken by `setSecureContext`, without an end of what is open.
 */
export const createSecureDoor = (
  inner: Server,
  { key, certificate, handshakeWithinMs = 15_000 }: DoorOptions,
): SecureServer => {
  const door = createServer({
    key,
    cert: certificate,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeWithinMs,
  })
  door.keepAliveTimeout = inner.keepAliveTimeout
  door.requestTimeout = inner.requestTimeout
  door.headersTimeout = inner.headersTimeout
  door.on('request', (request, response) => inner.emit('request', request, response))
  door.on('upgrade', (request, socket, head) => inner.emit('upgrade', request, socket, head))
  door.on('clientError', (error, socket) => inner.emit('clientError', error, socket))
  // Node tells that as one, too; but before a handshake is over no answer goes out, and the connection stays for good.
  door.on('tlsClientError', (_error, socket) => socket.destroy())
  makeResettable(door)
  return door
}

/**
 * Lets who comes over plain HTTP from another machine see `explain` alone: no password, no token and no stock goes over the
 * air as it is. This machine's own callers are served as before. Call it once everything listens on `inner`.
 */
export const guardPlainDoor = (inner: Server, explain: Answer): void => {
  const served = inner.listeners('request') as Answer[]
  inner.removeAllListeners('request')
  inner.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (isPlainStranger(request.socket)) explain(request, response)
    else for (const serve of served) serve.call(inner, request, response)
  })
  const upgrades = inner.listeners('upgrade') as ((...args: unknown[]) => void)[]
  inner.removeAllListeners('upgrade')
  inner.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (isPlainStranger(request.socket)) socket.destroy()
    else for (const upgrade of upgrades) upgrade.call(inner, request, socket, head)
  })
}

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/

const isPlainStranger = (socket: Socket): boolean =>
  !('encrypted' in socket) && !LOOPBACK.test(socket.remoteAddress ?? '')

import type { Socket as TcpSocket } from 'node:net'

/** What speaks through a socket of TCP. */
export interface AboveTcp {
  readonly onTcpData: (chunk: Buffer) => void
  readonly onTcpClose: () => void
}

/** Has `above` told of what the socket, whose HTTP has ended, receives, and of its end. */
export const listenAbove = (tcp: TcpSocket, above: AboveTcp): void => {
  const carrier = Object.assign(tcp, { [CONNECTION]: above })
  carrier.setTimeout(0)
  carrier.on('data', onData)
  carrier.on('end', onEnd)
  carrier.on('close', onClose)
  carrier.on('error', onError)
}

/** Where a socket of TCP holds its connection, so that all of them share these listeners. */
const CONNECTION = Symbol('connection')

interface Carrier extends TcpSocket {
  [CONNECTION]: AboveTcp
}

const onData = function (this: Carrier, chunk: Buffer): void {
  this[CONNECTION].onTcpData(chunk)
}

/** The client sends no more; what waits for it is still sent. */
const onEnd = function (this: Carrier): void {
  if (this.writableLength === 0) this.destroy()
  else this.end()
}

const onClose = function (this: Carrier): void {
  this[CONNECTION].onTcpClose()
}

const onError = (): void => {
  // `close` follows, and tells.
}

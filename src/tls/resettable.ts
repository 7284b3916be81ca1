import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'

/**
 * Lets `resetAndDestroy` of the server's sockets do what it says; call it before the server listens. Node resets TCP alone, and
 * throws for a socket of TLS. It must be reset, for what the kernel holds for a client that does not read would follow the end of
 * its rights; so the TCP below is, a turn later: within a callback of TLS it crashes Node 20.
 */
export const makeResettable = (door: Server): void => {
  const below = new Map<string, Socket>()
  const nameOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string =>
    `${remoteAddress} ${remotePort.toString()}`

  door.on('connection', (tcp: Socket) => {
    const name = nameOf(tcp)
    below.set(name, tcp)
    tcp.once('close', () => {
      if (below.get(name) === tcp) below.delete(name)
    })
  })
  door.on('secureConnection', (secure: TLSSocket) => {
    const tcp = below.get(nameOf(secure))
    if (tcp === undefined) return
    secure.resetAndDestroy = () => {
      // Whoever resets destroys next, which would close the TCP in order, with all that it holds.
      secure.destroy = () => secure
      secure.cork()
      setImmediate(() => {
        Reflect.deleteProperty(secure, 'destroy')
        tcp.resetAndDestroy()
        setImmediate(() => secure.destroy())
      })
      return secure
    }
  })
}

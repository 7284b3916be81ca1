import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Passes TCP connections to one target after the other; a target that refuses is skipped. */
export const startRoundRobin = async (
  ports: readonly number[],
): Promise<AsyncDisposable & { readonly url: string }> => {
  const open = new Set<Socket>()
  let turn = 0

  const server = createServer((near) => {
    open.add(near)
    near.on('error', () => near.destroy())
    near.on('close', () => open.delete(near))
    pass(near, ports.length)
  })

  const pass = (near: Socket, triesLeft: number): void => {
    const port = ports[turn % ports.length]
    turn += 1
    if (port === undefined || triesLeft === 0) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    far.once('error', () => {
      pass(near, triesLeft - 1)
    })
    far.once('connect', () => {
      far.removeAllListeners('error')
      open.add(far)
      far.on('error', () => near.destroy())
      far.on('close', () => {
        open.delete(far)
        near.destroy()
      })
      near.on('close', () => far.destroy())
      near.pipe(far).pipe(near)
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on TCP has an address of this shape.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port.toString()}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

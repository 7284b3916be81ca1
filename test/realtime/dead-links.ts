import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server that can die without a word, as behind a firewall that forgets: nothing is closed or reset. */
export interface DeadLinks extends AsyncDisposable {
  readonly port: number
  /** From now on nothing passes; what is open stays dead for ever, what is opened meanwhile, too. */
  readonly cutOff: () => void
  /** Lets new connections pass. */
  readonly heal: () => void
}

/** Forwards a free port of loopback to `targetPort`. */
export const createDeadLinks = async (targetPort: number): Promise<DeadLinks> => {
  const links = new Set<{ readonly near: Socket; readonly far?: Socket }>()
  let dead = false

  const server = createServer((near) => {
    near.on('error', () => near.destroy())
    if (dead) {
      links.add({ near })
      return
    }
    const far = connect(targetPort, '127.0.0.1')
    far.on('error', () => near.destroy())
    far.on('close', () => near.destroy())
    near.on('close', () => far.destroy())
    near.pipe(far).pipe(near)
    links.add({ near, far })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    // A server that listens on TCP has an address of this shape.
    port: (server.address() as AddressInfo).port,
    cutOff() {
      dead = true
      for (const { near, far } of links) {
        near.unpipe()
        far?.unpipe()
        near.pause()
        far?.pause()
      }
    },
    heal() {
      dead = false
    },
    async [Symbol.asyncDispose]() {
      for (const { near, far } of links) {
        near.destroy()
        far?.destroy()
      }
      server.close()
      await once(server, 'close')
    },
  }
}

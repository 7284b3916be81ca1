import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Random } from './random.js'
import { createFlow, type Flow, type Mode } from './proxy-flow.js'

/** One edge between two parts of the system. */
export interface Proxy {
  readonly port: number
  readonly setMode: (mode: Mode) => void
  /** Sends those who connect from now on to another port; what is open stays where it is. */
  readonly setTarget: (port: number) => void
  /** Ends about `fraction` of the open connections, by RST or by FIN; returns how many. */
  readonly cut: (fraction: number, how?: 'rst' | 'fin') => number
  readonly connections: () => number
  readonly close: () => Promise<void>
}

export interface ProxyOptions {
  readonly host?: string
  readonly targetPort: number
  readonly random: Random
  /** Ends each connection so long after it was opened, whatever goes on over it. Default: never. */
  readonly cutAfterMs?: number
}

interface Link {
  readonly near: Socket
  far: Socket | undefined
  readonly flows: Flow[]
  cutTimer?: NodeJS.Timeout
}

/** Listens on a free port of loopback and forwards to `targetPort`. */
export const createProxy = async ({
  host = '127.0.0.1',
  targetPort: firstTarget,
  random,
  cutAfterMs,
}: ProxyOptions): Promise<Proxy> => {
  let targetPort = firstTarget
  const links = new Set<Link>()
  let mode: Mode = { kind: 'pass' }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const link: Link = { near, far: undefined, flows: [] }
    links.add(link)
    if (cutAfterMs !== undefined) link.cutTimer = setTimeout(() => finish(link), cutAfterMs)
    near.on('error', () => {
      end(link)
    })
    near.on('close', () => {
      end(link)
    })
    if (mode.kind === 'blackhole') near.pause()
    else if (mode.kind === 'refuse') end(link)
    else open(link)
  })

  const open = (link: Link): void => {
    const far = connect({ port: targetPort, host, allowHalfOpen: true, noDelay: true })
    link.far = far
    link.near.setNoDelay(true)
    far.on('error', () => {
      end(link)
    })
    far.on('close', () => {
      end(link)
    })
    const reset = (): void => {
      end(link)
    }
    link.flows.push(
      createFlow({ source: link.near, sink: far, direction: 'up', random, reset }),
      createFlow({ source: far, sink: link.near, direction: 'down', random, reset }),
    )
    for (const flow of link.flows) flow.setMode(mode)
  }

  const end = (link: Link): void => {
    if (!links.delete(link)) return
    clearTimeout(link.cutTimer)
    for (const flow of link.flows) flow.stop()
    for (const socket of [link.near, link.far]) {
      if (socket !== undefined && !socket.destroyed) socket.resetAndDestroy()
    }
  }

  const finish = (link: Link): void => {
    links.delete(link)
    clearTimeout(link.cutTimer)
    for (const flow of link.flows) flow.stop()
    for (const socket of [link.near, link.far]) {
      socket?.end(() => socket.destroy())
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    // A server that listens on TCP has an address of this shape.
    port: (server.address() as AddressInfo).port,
    setMode(next) {
      mode = next
      for (const link of [...links]) {
        if (next.kind === 'refuse') end(link)
        else if (link.far === undefined) {
          if (next.kind !== 'blackhole') open(link)
        } else {
          for (const flow of link.flows) flow.setMode(next)
        }
      }
    },
    setTarget(port) {
      targetPort = port
    },
    cut(fraction, how = 'rst') {
      const chosen = [...links].filter(() => random.chance(fraction))
      for (const link of chosen) (how === 'rst' ? end : finish)(link)
      return chosen.length
    },
    connections: () => links.size,
    async close() {
      for (const link of [...links]) end(link)
      server.close()
      await once(server, 'close')
    },
  }
}

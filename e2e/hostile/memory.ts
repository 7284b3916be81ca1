import { once } from 'node:events'
import WebSocket from 'ws'
import { residentBytes } from '../rig/machine.js'

/** What a process holds once everything that nobody needs has been collected. */
export interface Memory {
  readonly heapBytes: number
  readonly residentBytes: number
}

/** Makes Node open its inspector on a free port of loopback, for `measureMemory`. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const

/**
 * Collects the garbage of a server that was started with `INSPECTED`, and measures what is left. Without the collection
 * the figures say how busy it was, not what it keeps.
 */
export const measureMemory = async (server: {
  readonly pid: number
  readonly output: () => string
}): Promise<Memory> => {
  const address = /Debugger listening on (ws:\S+)/.exec(server.output())?.[1]
  if (address === undefined) throw new Error('The server was started without INSPECTED.')
  const inspector = new WebSocket(address)
  await once(inspector, 'open')
  const ask = async (method: string): Promise<unknown> => {
    inspector.send(JSON.stringify({ id: 1, method }))
    const [data] = (await once(inspector, 'message')) as [Buffer]
    return JSON.parse(data.toString())
  }
  await ask('HeapProfiler.collectGarbage')
  const { result } = (await ask('Runtime.getHeapUsage')) as {
    readonly result: { readonly usedSize: number }
  }
  inspector.terminate()
  return { heapBytes: result.usedSize, residentBytes: residentBytes(server.pid) }
}

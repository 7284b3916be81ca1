import { connect, type Socket } from 'node:net'
import { frameAt, upgradeRequest, type UpgradeOptions } from '../support/websocket-wire.js'

/** A TCP connection that speaks HTTP and WebSocket by hand, so that it may say what no library would. */
export interface RawSocket extends Disposable {
  readonly tcp: Socket
  /** Everything received so far. */
  readonly received: () => Buffer
  readonly bytesReceived: () => number
  readonly isClosed: () => boolean
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>
  readonly write: (data: string | Buffer) => void
  /** Ends it with RST. */
  readonly reset: () => void
}

/** A frame of a server, as far as tests look at it. */
export interface ServerFrame {
  readonly opcode: number
  readonly text: string
}

/** Opens a TCP connection to the server at `url`. */
export const openRaw = (url: string): RawSocket => {
  const { hostname, port } = new URL(url)
  const tcp = connect({ host: hostname, port: Number(port), noDelay: true })
  const chunks: Buffer[] = []
  let bytes = 0
  let isClosed = false
  tcp.on('data', (chunk) => {
    chunks.push(chunk)
    bytes += chunk.length
  })
  tcp.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => {
    tcp.once('close', () => {
      isClosed = true
      resolve()
    })
  })
  return {
    tcp,
    received: () => Buffer.concat(chunks),
    bytesReceived: () => bytes,
    isClosed: () => isClosed,
    closed,
    write(data) {
      if (!tcp.destroyed && tcp.writable) tcp.write(data)
    },
    reset() {
      tcp.resetAndDestroy()
    },
    [Symbol.dispose]: () => {
      tcp.destroy()
    },
  }
}

/** Where the head of the HTTP answer ends; -1 where it has not come yet. */
export const endOfHead = (received: Buffer): number => {
  const end = received.indexOf('\r\n\r\n')
  return end < 0 ? -1 : end + 4
}

/** The frames after the answer to the upgrade, and what is left over where that is no whole frame. */
export const decodeFrames = (
  received: Buffer,
): { readonly frames: readonly ServerFrame[]; readonly rest: Buffer } => {
  const frames: ServerFrame[] = []
  let at = Math.max(endOfHead(received), 0)
  for (;;) {
    const frame = frameAt(received, at)
    if (frame === undefined) return { frames, rest: received.subarray(at) }
    frames.push({ opcode: frame.opcode, text: frame.payload.toString() })
    at = frame.end
  }
}

/** Opens a WebSocket by hand and resolves when engine.io has said `0{...}`. */
export const openRawWebSocket = async (
  url: string,
  options: UpgradeOptions = {},
): Promise<RawSocket> => {
  const raw = openRaw(url)
  raw.write(upgradeRequest(url, options))
  await new Promise<void>((resolve) => {
    const check = (): void => {
      if (decodeFrames(raw.received()).frames.length > 0) resolve()
      else raw.tcp.once('data', check)
    }
    raw.tcp.once('data', check)
    void raw.closed.then(resolve)
  })
  return raw
}

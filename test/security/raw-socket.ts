import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

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

/** What an upgrade request says, beside what every client says. */
export interface UpgradeOptions {
  readonly query?: string
  readonly headers?: readonly string[]
  readonly version?: string
}

/** What a frame says; the default is a whole, masked text frame, as RFC 6455 wants it of a client. */
export interface FrameOptions {
  readonly opcode?: number
  readonly isFinal?: boolean
  /** RSV1 to RSV3 as a number from 0 to 7. */
  readonly reserved?: number
  readonly isMasked?: boolean
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

/** The text of a WebSocket upgrade of `/socket.io/`. */
export const upgradeRequest = (url: string, options: UpgradeOptions = {}): string => {
  const { query = 'EIO=4&transport=websocket', headers = [], version = '13' } = options
  return [
    `GET /socket.io/?${query} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Version: ${version}`,
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...headers,
    '',
    '',
  ].join('\r\n')
}

/** Encodes one frame, right or wrong. */
export const encodeFrame = (data: string | Buffer, options: FrameOptions = {}): Buffer => {
  const { opcode = 1, isFinal = true, reserved = 0, isMasked = true } = options
  const payload = Buffer.from(data)
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = isMasked ? 0x80 : 0
  const head =
    payload.length < 126
      ? Buffer.from([first, mask | payload.length])
      : payload.length < 65_536
        ? Buffer.from([first, mask | 126, payload.length >> 8, payload.length & 0xff])
        : longHead(first, mask, payload.length)
  if (!isMasked) return Buffer.concat([head, payload])
  const key = randomBytes(4)
  const masked = payload.map((byte, index) => byte ^ (key[index % 4] ?? 0))
  return Buffer.concat([head, key, masked])
}

const longHead = (first: number, mask: number, length: number): Buffer => {
  const head = Buffer.alloc(10)
  head[0] = first
  head[1] = mask | 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
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

const frameAt = (
  buffer: Buffer,
  at: number,
): { opcode: number; payload: Buffer; end: number } | undefined => {
  const first = buffer[at]
  const second = buffer[at + 1]
  // A server never masks and never fragments what it sends here.
  if (first === undefined || second === undefined || first < 0x80 || second > 127) return undefined
  let start = at + 2
  let length = second
  if (second === 126) {
    if (buffer.length < at + 4) return undefined
    length = buffer.readUInt16BE(at + 2)
    start += 2
  } else if (second === 127) {
    if (buffer.length < at + 10) return undefined
    length = Number(buffer.readBigUInt64BE(at + 2))
    start += 8
  }
  const end = start + length
  return buffer.length < end
    ? undefined
    : { opcode: first & 0x0f, payload: buffer.subarray(start, end), end }
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

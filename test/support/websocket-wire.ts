import { randomBytes } from 'node:crypto'

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

/** A frame as it came. */
export interface WireFrame {
  readonly opcode: number
  readonly payload: Buffer
  /** Where the next one begins. */
  readonly end: number
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

/** Encodes one frame as a client sends it, right or wrong. */
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

/**
 * The frame of a server that begins at `at`; undefined while it is not whole, and for what a server of ours never sends:
 * a masked frame or a fragment (RFC 6455 section 5).
 */
export const frameAt = (buffer: Buffer, at = 0): WireFrame | undefined => {
  const first = buffer[at]
  const second = buffer[at + 1]
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

import { isUtf8 } from 'node:buffer'
import { OPCODE } from './web-socket-frame.js'

/** Why a connection is ended: what the close frame says (RFC 6455 section 7.4.1). */
export type Violation = typeof PROTOCOL_ERROR | typeof NOT_UTF8 | typeof TOO_MANY | typeof TOO_BIG

const PROTOCOL_ERROR = 1002
const NOT_UTF8 = 1007
const TOO_MANY = 1008
const TOO_BIG = 1009

/** Told of what a client sends. */
export interface FrameListener {
  readonly onText: (text: string) => void
  readonly onBinary: (data: Buffer) => void
  readonly onPing: (body: Buffer) => void
  readonly onPong: () => void
  /** The close frame with its body; nothing follows. */
  readonly onCloseFrame: (body: Buffer) => void
  /** The client has broken the protocol or a bound; nothing follows. */
  readonly onViolation: (code: Violation) => void
}

export interface FrameBounds {
  /** Bytes of one message. */
  readonly maxPayloadBytes: number
  /** Frames of one message. */
  readonly maxFragments: number
}

/**
 * Reads the frames of a client (RFC 6455 section 5), without extensions. What `ws` refuses it refuses with the same code;
 * a property compares the two. It is small because there are thousands: an idle one holds no buffer.
 */
export class FrameReader {
  readonly #bounds: FrameBounds
  readonly #listener: FrameListener
  /** Begins with the frame that is not whole; may have room behind it. */
  #rest: Buffer | undefined
  #restLength = 0
  /** Of the message that comes in fragments; 0 where there is none. */
  #opcode = 0
  #fragments: Buffer[] | undefined
  #messageLength = 0
  #isOver = false

  constructor(bounds: FrameBounds, listener: FrameListener) {
    this.#bounds = bounds
    this.#listener = listener
  }

  /** Takes what has come, in pieces of any size. May write to it. */
  read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : this.#append(this.#rest, chunk)
    let at = 0
    while (!this.#isOver) {
      const end = this.#readFrame(bytes, at)
      if (end === undefined) break
      at = end
    }
    this.#keep(bytes, at)
  }

  #append(rest: Buffer, chunk: Buffer): Buffer {
    const length = this.#restLength + chunk.length
    let room = rest
    if (length > rest.length) {
      // Doubled: who sends byte by byte would have all of it copied for each.
      room = Buffer.allocUnsafeSlow(Math.max(length, rest.length * 2))
      rest.copy(room, 0, 0, this.#restLength)
      this.#rest = room
    }
    chunk.copy(room, this.#restLength)
    return room.subarray(0, length)
  }

  #keep(bytes: Buffer, at: number): void {
    this.#restLength = this.#isOver ? 0 : bytes.length - at
    if (this.#restLength === 0) {
      this.#rest = undefined
    } else if (at > 0 || this.#rest === undefined) {
      // A copy: the chunk may be large, and what was handed out is part of it.
      this.#rest = Buffer.allocUnsafeSlow(this.#restLength)
      bytes.copy(this.#rest, 0, at)
    }
  }

  /** Reads the frame that begins at `at`; returns where it ends, or undefined while it is not whole or where it is refused. */
  #readFrame(bytes: Buffer, at: number): number | undefined {
    const first = bytes[at]
    const second = bytes[at + 1]
    if (first === undefined || second === undefined) return undefined
    const opcode = first & 0x0f
    const short = second & 0x7f
    if (!this.#isInOrder(first, second)) {
      this.#refuse(PROTOCOL_ERROR)
      return undefined
    }

    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
    const maskAt = at + 2 + lengthBytes
    if (bytes.length < maskAt) return undefined
    const length =
      lengthBytes === 8
        ? Number(bytes.readBigUInt64BE(at + 2))
        : lengthBytes === 2
          ? bytes.readUInt16BE(at + 2)
          : short
    const isData = opcode < OPCODE.close
    if (isData && length > 0 && this.#messageLength + length > this.#bounds.maxPayloadBytes) {
      this.#refuse(TOO_BIG)
      return undefined
    }
    const bodyAt = maskAt + 4
    const end = bodyAt + length
    if (bytes.length < end) return undefined
    const body = bytes.subarray(bodyAt, end)
    unmask(body, bytes, maskAt)
    if (isData) this.#takeData(opcode, body, (first & FIN) !== 0)
    else this.#takeControl(opcode, body)
    return end
  }

  /** What the first two bytes say, and whether it may come now. */
  #isInOrder(first: number, second: number): boolean {
    const opcode = first & 0x0f
    if ((first & RESERVED) !== 0 || (second & MASKED) === 0) return false
    switch (opcode) {
      case OPCODE.more:
        return this.#opcode !== 0
      case OPCODE.text:
      case OPCODE.binary:
        return this.#opcode === 0
      case OPCODE.close:
      case OPCODE.ping:
      case OPCODE.pong: {
        const length = second & 0x7f
        return (first & FIN) !== 0 && length < 126 && !(opcode === OPCODE.close && length === 1)
      }
      default:
        return false
    }
  }

  #takeData(opcode: number, body: Buffer, isLast: boolean): void {
    if (isLast && this.#fragments === undefined) {
      this.#deliver(opcode, body)
      return
    }
    if (this.#opcode === 0) this.#opcode = opcode
    const fragments = (this.#fragments ??= [])
    // A copy: as a part of its chunk a byte would hold all of it.
    fragments.push(Buffer.from(body))
    this.#messageLength += body.length
    if (fragments.length > this.#bounds.maxFragments) {
      this.#refuse(TOO_MANY)
    } else if (isLast) {
      const first = this.#opcode
      this.#opcode = 0
      this.#fragments = undefined
      this.#messageLength = 0
      this.#deliver(first, Buffer.concat(fragments))
    }
  }

  #deliver(opcode: number, body: Buffer): void {
    if (opcode === OPCODE.binary) {
      this.#listener.onBinary(body)
      return
    }
    const text = body.toString()
    // What is no UTF-8 comes out as this, and hardly anything else does.
    if (text.includes('\ufffd') && !isUtf8(body)) this.#refuse(NOT_UTF8)
    else this.#listener.onText(text)
  }

  #takeControl(opcode: number, body: Buffer): void {
    if (opcode === OPCODE.ping) {
      this.#listener.onPing(body)
    } else if (opcode === OPCODE.pong) {
      this.#listener.onPong()
    } else if (body.length > 0 && !isCloseCode(body.readUInt16BE(0))) {
      this.#refuse(PROTOCOL_ERROR)
    } else if (!isUtf8(body.subarray(2))) {
      this.#refuse(NOT_UTF8)
    } else {
      this.#isOver = true
      this.#listener.onCloseFrame(body)
    }
  }

  #refuse(code: Violation): void {
    this.#isOver = true
    this.#fragments = undefined
    this.#listener.onViolation(code)
  }
}

const FIN = 0x80
const RESERVED = 0x70
const MASKED = 0x80

const unmask = (body: Buffer, bytes: Buffer, maskAt: number): void => {
  if (bytes.readUInt32BE(maskAt) === 0) return
  for (let at = 0; at < body.length; at += 1) {
    body[at] = (body[at] ?? 0) ^ (bytes[maskAt + (at & 3)] ?? 0)
  }
}

/** Those that a peer may send (RFC 6455 section 7.4, and the registry of IANA that it opens). */
const isCloseCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
  (code >= 3000 && code <= 4999)

import { connect } from 'node:net'
import type { Dialect } from './dialect.js'

/** One client: its TCP connection, and how many events it has received. */
export interface Connection {
  readonly events: () => number
  readonly bytes: () => number
  readonly state: () => State
  readonly close: () => void
  /** Says something that is encoded already. */
  readonly send: (frame: Buffer) => void
  /** Stops reading, as a client does whose machine is busy with something else. */
  readonly pause: () => void
  readonly resume: () => void
}

/** `closed` also after a refusal: whoever waits is told of that before. */
export type State = 'opening' | 'in' | 'refused' | 'closed'

export interface ConnectionOptions {
  readonly port: number
  readonly dialect: Dialect
  /** The encoded first words, with the token. */
  readonly greeting: Buffer
  /** Called once, with the first state that is not `opening`. */
  readonly onSettled: (state: State) => void
  /** Called after each read that held events: how many, and how many there were before. */
  readonly onEvents: (added: number, before: number) => void
}

const READ_BYTES = 262_144
/** Room for the rest of a frame that the last read left, in front of what the kernel fills. */
const REST_BYTES = 1_048_576
const OPCODE = { close: 8, ping: 9 } as const
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])

/**
 * Makes the opener of connections. All of them read into the same memory, one after the other, and nothing is decoded or
 * copied but a frame that a read cuts in two: a client must cost less than the server that it measures.
 */
export const createOpener = (): ((options: ConnectionOptions) => Connection) => {
  const memory = Buffer.allocUnsafeSlow(REST_BYTES + READ_BYTES)
  const reading = new Uint8Array(memory.buffer, memory.byteOffset + REST_BYTES, READ_BYTES)

  return ({ port, dialect, greeting, onSettled, onEvents }) => {
    let state: State = 'opening'
    let isUpgraded = false
    let events = 0
    let bytes = 0
    let rest: Buffer | undefined

    const settle = (next: State): void => {
      if (state !== 'opening') return
      state = next
      onSettled(next)
    }

    /** Reads whole frames from `from` on; returns where the first one begins that is not whole. */
    const readFrames = (from: number, to: number): number => {
      let at = from
      while (to - at >= 2) {
        let length = (memory[at + 1] ?? 0) & 0x7f
        let start = at + 2
        if (length === 126) {
          if (to - at < 4) break
          length = memory.readUInt16BE(at + 2)
          start = at + 4
        } else if (length === 127) {
          if (to - at < 10) break
          length = Number(memory.readBigUInt64BE(at + 2))
          start = at + 10
        }
        const end = start + length
        if (end > to) break
        onFrame((memory[at] ?? 0) & 0x0f, start, end)
        at = end
      }
      return at
    }

    const onFrame = (opcode: number, from: number, to: number): void => {
      if (opcode === OPCODE.ping) socket.write(PONG)
      else if (opcode === OPCODE.close) socket.end()
      else if (state === 'in') {
        events += dialect.eventsIn(memory, from, to)
        const pong = dialect.pongFor(memory, from, to)
        if (pong !== undefined) socket.write(pong)
      } else {
        const reply = dialect.onText(memory.toString('latin1', from, to), greeting)
        if (typeof reply === 'string') settle(reply)
        else if (reply !== undefined) socket.write(reply)
      }
    }

    /** Where the frames begin; -1 while the answer to the upgrade is not whole. */
    const upgradeEnd = (from: number, to: number): number => {
      const end = memory.indexOf('\r\n\r\n', from)
      if (end < 0 || end + 4 > to) return -1
      if (memory.toString('latin1', from, from + 12) !== 'HTTP/1.1 101') settle('refused')
      isUpgraded = true
      if (dialect.speaksFirst) {
        // Nothing to say: the WebSocket is all there is to be let into.
        if (greeting.length === 0) settle('in')
        else socket.write(greeting)
      }
      return end + 4
    }

    const onRead = (count: number): boolean => {
      bytes += count
      const before = events
      let from = REST_BYTES
      if (rest !== undefined) {
        from -= rest.length
        rest.copy(memory, from)
        rest = undefined
      }
      const to = REST_BYTES + count
      let at = from
      if (!isUpgraded) at = Math.max(from, upgradeEnd(from, to))
      if (isUpgraded) at = readFrames(at, to)
      if (at < to) rest = Buffer.from(memory.subarray(at, to))
      if (events > before) onEvents(events - before, before)
      return true
    }

    const socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: reading, callback: onRead },
    })
    socket.on('connect', () => {
      socket.write(
        `GET ${dialect.path} HTTP/1.1\r\nHost: 127.0.0.1:${String(port)}\r\nConnection: Upgrade\r\n` +
          'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      )
    })
    // `close` follows and tells.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      settle('refused')
      state = 'closed'
    })

    return {
      events: () => events,
      bytes: () => bytes,
      state: () => state,
      close: () => {
        socket.destroy()
      },
      send: (frame) => {
        socket.write(frame)
      },
      pause: () => {
        socket.pause()
      },
      resume: () => {
        socket.resume()
      },
    }
  }
}

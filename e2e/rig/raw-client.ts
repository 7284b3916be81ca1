import { connect } from 'node:net'
import { encodeFrame, frameAt, upgradeRequest } from '../../test/support/websocket-wire.js'

/** What a connection tells of itself. */
export interface RawHandlers {
  /** A text frame: one engine.io packet. */
  readonly onPacket?: (packet: string) => void
  /** The TCP connection has ended; nothing follows. */
  readonly onClosed?: () => void
}

/** A WebSocket of engine.io, spoken by hand on a TCP socket, so that every byte and every stop of reading is ours. */
export interface RawClient {
  /** `local:remote`, which tells the connection apart in the kernel's table. */
  readonly ports: () => string
  /** Bytes that the process has taken from the kernel so far, the answer to the upgrade included. */
  readonly bytesRead: () => number
  /** Milliseconds of `performance.now()` at which the TCP connection ended; undefined while it is open. */
  readonly closedAt: () => number | undefined
  /** Resolves when the server's OPEN packet is there, or the connection has ended. */
  readonly opened: Promise<void>
  /** Sends packets, all in one write. */
  readonly send: (...packets: string[]) => void
  /** Sends so many empty pings of the WebSocket, all in one write. */
  readonly ping: (count: number) => void
  /** Stops reading: what the server sends stays in the kernel, then in the server. */
  readonly pause: () => void
  readonly resume: () => void
  /** Ends the connection after what was sent, without a farewell of the WebSocket. */
  readonly end: () => void
  /** Drops the connection at once, and what was sent with it. */
  readonly destroy: () => void
}

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const

/** Connects to `/socket.io/` of `url`; the `user-agent` among `headers` names the attempt in the connection log. */
export const openRawClient = (
  url: string,
  handlers: RawHandlers,
  headers: Readonly<Record<string, string>> = {},
): RawClient => {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let unread: Buffer = Buffer.alloc(0)
  let isUpgraded = false
  let closedAt: number | undefined
  let ports = ''
  let settleOpened = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    settleOpened = resolve
  })

  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.on('connect', () => {
    ports = `${String(socket.localPort)}:${port}`
    socket.write(upgradeRequest(url, { headers: lines }))
  })
  socket.on('data', (chunk) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
    if (!isUpgraded) readUpgrade()
    if (isUpgraded) readFrames()
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    closedAt = performance.now()
    settleOpened()
    handlers.onClosed?.()
  })

  const readUpgrade = (): void => {
    const end = unread.indexOf('\r\n\r\n')
    if (end < 0) return
    if (!unread.subarray(0, 12).equals(SWITCHING)) socket.destroy()
    isUpgraded = true
    unread = unread.subarray(end + 4)
  }

  const readFrames = (): void => {
    for (;;) {
      const frame = frameAt(unread)
      if (frame === undefined) return
      unread = unread.subarray(frame.end)
      if (frame.opcode === OPCODE.text) onPacket(frame.payload.toString())
      else if (frame.opcode === OPCODE.ping) write(OPCODE.pong, frame.payload)
      else if (frame.opcode === OPCODE.close) {
        write(OPCODE.close, frame.payload)
        socket.end()
      }
    }
  }

  const onPacket = (packet: string): void => {
    if (packet === '2') write(OPCODE.text, Buffer.from('3'))
    else if (packet.startsWith('0')) settleOpened()
    handlers.onPacket?.(packet)
  }

  const write = (opcode: number, payload: Buffer): void => {
    if (socket.writable) socket.write(encodeFrame(payload, { opcode }))
  }

  return {
    ports: () => ports,
    // Not the sum of what was handed over: a paused stream still takes a chunk or two into a buffer of its own.
    bytesRead: () => socket.bytesRead,
    closedAt: () => closedAt,
    opened,
    send: (...packets) => {
      if (!socket.writable) return
      socket.write(Buffer.concat(packets.map((packet) => encodeFrame(packet))))
    },
    ping: (count) => {
      if (!socket.writable) return
      const frame = encodeFrame(Buffer.alloc(0), { opcode: OPCODE.ping })
      socket.write(Buffer.concat(Array.from({ length: count }, () => frame)))
    },
    pause: () => {
      socket.pause()
    },
    resume: () => {
      socket.resume()
    },
    end: () => {
      socket.end()
    },
    destroy: () => {
      socket.destroy()
    },
  }
}

const SWITCHING = Buffer.from('HTTP/1.1 101')

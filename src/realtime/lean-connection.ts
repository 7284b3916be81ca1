import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket as TcpSocket } from 'node:net'
import { listenAbove, type AboveTcp } from './above-tcp.js'
import {
  frameOfMessage,
  MESSAGE,
  PING,
  TYPES,
  type Data,
  type SendOptions,
} from './engine-packet.js'
import { FrameReader, type FrameListener } from './frame-reader.js'
import { Budget } from './budget.js'
import type { Door, LeanHost } from './lean-host.js'
import { encodeFrame, OPCODE } from './web-socket-frame.js'

/**
 * A connection that is a WebSocket from the start, in place of engine.io's `Socket` and `Transport`, `ws`'s `WebSocket`,
 * `Receiver` and `Sender`: to Socket.IO and to back ends it is the `socket.conn` that they know, and on the wire it says
 * what those say (Engine.IO protocol 4). Nothing waits in it: what is sent is written to TCP at once, or with all else of
 * the turn after `join`.
 */
export class LeanConnection extends EventEmitter implements FrameListener, AboveTcp {
  readonly protocol = 4
  readonly name = 'websocket'
  /** To engine.io: no other WebSocket may take its place. */
  readonly upgraded = true
  readonly id: string
  readonly remoteAddress: string | undefined
  readonly tcp: TcpSocket
  request: IncomingMessage
  readyState: 'open' | 'closing' | 'closed' = 'open'
  door: Door | undefined
  readonly #host: LeanHost<LeanConnection>
  readonly #reader: FrameReader
  readonly #packets: Budget
  #pings: Budget | undefined
  /** To the next ping; after it, to the end of waiting for its pong; at last, to the end of TCP. */
  #timer: NodeJS.Timeout
  #awaits: 'nothing' | 'pong' | 'pong, once more' = 'nothing'
  /** Frames that go out together at the end of the turn. */
  #joined: Buffer[] | undefined
  #closeFrames: 'none' | 'sent' | 'received' | 'both' = 'none'

  constructor(
    host: LeanHost<LeanConnection>,
    id: string,
    request: IncomingMessage,
    tcp: TcpSocket,
  ) {
    super()
    this.id = id
    this.request = request
    this.tcp = tcp
    this.remoteAddress = tcp.remoteAddress
    this.#host = host
    this.#reader = new FrameReader(host, this)
    this.#packets = new Budget(host.framesPerSecond)
    this.#timer = setTimeout(beat, host.pingIntervalMs, this)
    listenAbove(tcp, this)
  }

  /** engine.io has an object of its own for this; here it is the connection itself. */
  get transport(): this {
    return this
  }

  get writable(): boolean {
    return this.readyState === 'open' && this.tcp.writableLength === 0
  }

  /** engine.io's queue; here nothing is ever in it. */
  get writeBuffer(): readonly never[] {
    return NOTHING
  }

  /** Bytes that the kernel has not taken yet. */
  get waitingBytes(): number {
    let bytes = this.tcp.writableLength
    for (const frame of this.#joined ?? NOTHING) bytes += frame.length
    return bytes
  }

  /** From now to the end of the turn frames wait for each other. A write is the dearest part of a short message. */
  join(): void {
    if (this.#joined !== undefined) return
    this.#joined = []
    setImmediate(release, this)
  }

  /** Writes what `join` has kept back. */
  release(): void {
    const joined = this.#joined
    this.#joined = undefined
    if (joined !== undefined && joined.length > 0) this.#write(Buffer.concat(joined))
  }

  /** Sends a message. */
  send(data: string | Buffer, options?: SendOptions, onSent?: OnSent): this {
    return this.write(data, options, onSent)
  }

  /** The same; Socket.IO's name for it. */
  write(data: string | Buffer, options?: SendOptions, onSent?: OnSent): this {
    if (this.readyState !== 'open') return this
    if (this.listenerCount('packetCreate') > 0) {
      this.emit('packetCreate', { type: 'message', data, options: options ?? {} })
    }
    this.sendFrame(frameOfMessage(data, options), onSent)
    this.emit('drain')
    return this
  }

  /** Writes one or more whole frames behind all that was sent before. */
  sendFrame(frame: Buffer, onSent?: OnSent): void {
    if (this.#joined === undefined) {
      this.#write(frame, onSent)
    } else {
      this.#joined.push(frame)
      onSent?.(this)
    }
  }

  /** The same where nothing waits in this process; false, and nothing written, where something does. */
  writeIfIdle(frames: Buffer): boolean {
    if (!this.writable) return false
    this.sendFrame(frames)
    return true
  }

  /** Ends the connection once what waits has been sent; with `discard` at once. */
  close(discard = false): this {
    this.release()
    if (discard || (this.readyState === 'open' && this.waitingBytes === 0)) {
      this.#end('forced close')
    } else if (this.readyState === 'open') {
      this.readyState = 'closing'
      this.tcp.write(NO_BYTES, () => {
        this.#end('forced close')
      })
    }
    return this
  }

  /** Ends TCP, and what waits is lost. */
  reset(): void {
    this.#joined = undefined
    this.tcp.resetAndDestroy()
    this.#end('forced close')
  }

  onText(text: string): void {
    const type = text.charAt(0)
    // As engine.io has it: to Socket.IO an empty text would be CONNECT.
    const data = text.length > 1 ? text.slice(1) : undefined
    if (type === MESSAGE) this.#takeMessage(data)
    // Binary in base64, as over polling.
    else if (type === 'b') this.#takeMessage(Buffer.from(data ?? '', 'base64'))
    else if (TYPES.has(type)) this.#takePacket(type, data)
    else if (this.#mayTake('error', 'parser error')) this.#end('parse error')
  }

  onBinary(data: Buffer): void {
    this.#takeMessage(data)
  }

  onPing(body: Buffer): void {
    if (this.readyState === 'open') this.sendFrame(encodeFrame(OPCODE.pong, body))
    this.onPong()
  }

  onPong(): void {
    const pings = (this.#pings ??= new Budget(this.#host.framesPerSecond))
    if (!pings.spend() && this.readyState !== 'closed') this.#host.onFlood(this)
  }

  onCloseFrame(body: Buffer): void {
    const wasSent = this.#closeFrames === 'sent'
    this.#closeFrames = wasSent ? 'both' : 'received'
    if (wasSent) this.tcp.end()
    // Socket.IO takes what was said before it in the next tick, such as a last word and a goodbye.
    else process.nextTick(() => this.#end('transport close', body))
  }

  onViolation(code: number): void {
    const body = Buffer.alloc(2)
    body.writeUInt16BE(code)
    this.#end('transport error', body)
    this.tcp.end()
  }

  onTcpData(chunk: Buffer): void {
    this.#reader.read(chunk)
  }

  onTcpClose(): void {
    this.#closeFrames = 'both'
    this.#end('transport close')
    clearTimeout(this.#timer)
  }

  onHeartbeatDue(): void {
    if (this.#awaits !== 'nothing') {
      this.#end('ping timeout')
      return
    }
    if (this.readyState === 'open') {
      if (this.listenerCount('packetCreate') > 0) this.emit('packetCreate', { type: 'ping' })
      this.sendFrame(PING)
    }
    this.#awaits = 'pong'
    this.#beat(this.#host.pingTimeoutMs)
  }

  #beat(afterMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(beat, afterMs, this)
  }

  #takeMessage(data: Data): void {
    if (!this.#mayTake('message', data)) return
    if (this.door?.turnsAway(data) === true) return
    this.emit('data', data)
    this.emit('message', data)
  }

  #takePacket(type: string, data: Data): void {
    if (!this.#mayTake(TYPES.get(type) ?? '', data)) return
    if (type === '2') {
      // Of protocol 4 the server pings.
      this.#end('transport error')
    } else if (type === '3') {
      this.#awaits = 'nothing'
      this.#beat(this.#host.pingIntervalMs)
      this.emit('heartbeat')
    }
  }

  /** Counts a packet, tells of it, and takes it for a sign of life; false where the connection takes no more. */
  #mayTake(type: string, data: Data): boolean {
    if (this.readyState !== 'open') return false
    if (!this.#packets.spend()) this.#host.onFlood(this)
    if (this.listenerCount('packet') > 0) {
      this.emit('packet', data === undefined ? { type } : { type, data })
    }
    if (this.#awaits === 'pong' && type !== 'pong') {
      this.#awaits = 'pong, once more'
      this.#timer.refresh()
    }
    return this.#isOpen()
  }

  /** A listener may have closed it meanwhile. */
  #isOpen(): boolean {
    return this.readyState === 'open'
  }

  #end(reason: string, closeBody: Buffer = NO_BYTES): void {
    if (this.readyState === 'closed') return
    this.release()
    this.readyState = 'closed'
    clearTimeout(this.#timer)
    this.door?.shut()
    this.#sayGoodbye(closeBody)
    this.#host.onEnd(this)
    this.emit('close', reason)
  }

  #sayGoodbye(body: Buffer): void {
    if (this.#closeFrames === 'both') return
    this.#write(encodeFrame(OPCODE.close, body))
    if (this.#closeFrames === 'received') this.tcp.end()
    this.#closeFrames = this.#closeFrames === 'received' ? 'both' : 'sent'
    // A peer that never answers the close frame would keep its place beyond every limit.
    this.#timer = setTimeout(() => this.tcp.destroy(), this.#host.goodbyeMs).unref()
  }

  #write(bytes: Buffer, onSent?: OnSent): void {
    if (!this.tcp.writable) return
    this.tcp.write(bytes, onSent && (() => onSent(this)))
  }
}

type OnSent = (transport: LeanConnection) => void

const NO_BYTES = Buffer.alloc(0)
const NOTHING: readonly never[] = Object.freeze([])

const beat = (connection: LeanConnection): void => {
  connection.onHeartbeatDue()
}

const release = (connection: LeanConnection): void => {
  connection.release()
}

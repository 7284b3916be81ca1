import { encodeFrame, OPCODE } from './web-socket-frame.js'

/** What a packet of Engine.IO carries. */
export type Data = string | Buffer | undefined

export interface SendOptions {
  /** The frame, where Socket.IO has made it for many sockets; in parts, or whole once one of them was sent it. */
  wsPreEncodedFrame?: readonly Buffer[]
}

/** The frame of a message. */
export const frameOfMessage = (data: string | Buffer, options: SendOptions | undefined): Buffer => {
  const [frame, ...more] = options?.wsPreEncodedFrame ?? []
  if (frame === undefined || options === undefined) {
    return typeof data === 'string'
      ? encodeFrame(OPCODE.text, MESSAGE + data)
      : encodeFrame(OPCODE.binary, data)
  }
  if (more.length === 0) return frame
  const whole = Buffer.concat([frame, ...more])
  options.wsPreEncodedFrame = [whole]
  return whole
}

/** What a packet that is a message begins with. */
export const MESSAGE = '4'
/** All other types of packets (Engine.IO protocol 4). */
export const TYPES: ReadonlyMap<string, string> = new Map([
  ['0', 'open'],
  ['1', 'close'],
  ['2', 'ping'],
  ['3', 'pong'],
  ['5', 'upgrade'],
  ['6', 'noop'],
])

/** The frame of a ping. */
export const PING = encodeFrame(OPCODE.text, '2')

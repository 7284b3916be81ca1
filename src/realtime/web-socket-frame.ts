/** What a frame carries (RFC 6455 section 5.2). */
export const OPCODE = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const FIN = 0x80

/** One unmasked, unfragmented frame, as RFC 6455 section 5.2 wants it of a server; text is encoded in UTF-8. */
export const encodeFrame = (opcode: number, body: string | Buffer): Buffer => {
  const length = Buffer.byteLength(body)
  const headLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headLength + length)
  frame[0] = FIN | opcode
  if (headLength === 2) {
    frame[1] = length
  } else if (headLength === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  if (typeof body === 'string') frame.write(body, headLength)
  else body.copy(frame, headLength)
  return frame
}

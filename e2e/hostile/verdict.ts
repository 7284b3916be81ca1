import { ERRORS } from '@uzima/contracts'
import { decodeFrames, endOfHead } from '../../test/security/raw-socket.js'

/**
 * The bytes that a stranger may get over a WebSocket: the engine's greeting, ping, pong and close, the end of a namespace,
 * and refusals with a code of the closed set, and nothing else.
 */
const CODES = Object.keys(ERRORS).join('|')
const ALLOWED_PACKET = new RegExp(
  '^(?:0\\{"sid":"[\\w-]{20}","upgrades":\\[[^\\]]*\\],"pingInterval":\\d+,"pingTimeout":\\d+,"maxPayload":\\d+\\}' +
    '|[1236]|41' +
    `|44\\{"message":"[A-Za-z ]+","data":\\{"code":"(?:${CODES})","retryable":(?:true|false)(?:,"needsNewToken":true)?(?:,"retryAfterMs":\\d+)?\\}\\}` +
    '|44/[^]*?,\\{"message":"Invalid namespace"\\})$',
)

/** The answers that a stranger may get over HTTP: refusals without detail, and the greeting of polling. */
const ALLOWED_STATUS = new Set([
  101, 200, 204, 400, 403, 404, 405, 408, 413, 414, 426, 431, 501, 503, 505,
])
const ALLOWED_BODY =
  /^(?:ok|0\{"sid":[^]*\}|\{"code":\d,"message":"[\w ]+"\}|\{"message":"[\w ]+"\}|\{"type":[^]*"code":"[A-Z_]+"[^]*\}|[\w ,.()-]*)$/

/** Names what a stranger got that is on no list; undefined where there is nothing of it. */
export const unexpectedBytes = (received: Buffer): string | undefined => {
  if (received.length === 0) return undefined
  const head = received.subarray(0, Math.max(endOfHead(received), 0)).toString()
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
  if (!ALLOWED_STATUS.has(status)) return `status: ${received.subarray(0, 200).toString()}`
  if (status !== 101) {
    const body = unchunked(received.subarray(Buffer.byteLength(head)).toString())
    return ALLOWED_BODY.test(body) ? undefined : `body: ${body.slice(0, 300)}`
  }
  const { frames, rest } = decodeFrames(received)
  // engine.io refuses an old protocol after the upgrade, in HTTP, and hangs up.
  const tail = rest.toString()
  if (tail !== '' && !tail.startsWith('HTTP/1.1 400 ')) return `rest: ${tail.slice(0, 300)}`
  for (const { opcode, text } of frames) {
    const isControl = opcode === 8 || opcode === 9 || opcode === 10
    if (!isControl && (opcode !== 1 || !ALLOWED_PACKET.test(text))) {
      return `frame ${opcode.toString()}: ${text.slice(0, 300)}`
    }
  }
  return undefined
}

/** How many handshakes of Socket.IO were answered with a refusal. */
export const refusalsIn = (received: Buffer): number =>
  decodeFrames(received).frames.filter(({ text }) => text.startsWith('44{')).length

/** The text of a body that came as one chunk, which is how Node sends what `end` is given. */
const unchunked = (body: string): string =>
  /^[0-9a-f]+\r\n([^]*)\r\n0\r\n\r\n$/.exec(body)?.[1] ?? body

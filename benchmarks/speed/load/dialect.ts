/** What a client of one protocol says and how it reads what comes; everything is encoded before the clock starts. */
export interface Dialect {
  /** Where the WebSocket is. */
  readonly path: string
  /** What to say to a text that came before the client was let in; `in` and `refused` end that. */
  readonly onText: (text: string, greeting: Buffer) => Reply
  /** What a client says first, without being asked. */
  readonly speaksFirst: boolean
  /** Encodes the greeting that carries the token. */
  readonly greetingFor: (token: string) => Buffer
  /** Events of the stock in the payload of a frame; for a client that is in. */
  readonly eventsIn: (bytes: Buffer, from: number, to: number) => number
  /** Answer to a payload in which the server asks whether the client is there; undefined for every other payload. */
  readonly pongFor: (bytes: Buffer, from: number, to: number) => Buffer | undefined
}

/** Bytes to send, or how the admission ended; undefined: nothing yet. */
export type Reply = Buffer | 'in' | 'refused' | undefined

/** A text frame of a client; its mask is zero, so that the payload stays as it is. */
export const textFrame = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0])
  return Buffer.concat([head, payload])
}

const PONG = textFrame('3')
const EMPTY = textFrame('')
const EMPTY_OBJECT = textFrame('{}')
const [TWO, QUOTE, LINE_FEED = 0, OPEN_BRACE, CLOSE_BRACE] = Buffer.from('2"\n{}')
/** `42["inventory:update",`: the letter that only this event has there. */
const SIGN_AT = '42["inventory:'.length
const SIGN = 'u'.charCodeAt(0)

const socketIo = (isIn: (text: string) => boolean): Dialect => ({
  path: '/socket.io/?EIO=4&transport=websocket',
  speaksFirst: false,
  greetingFor: (token) => textFrame(`40${JSON.stringify({ token })}`),
  onText: (text, greeting) => {
    if (text.startsWith('0')) return greeting
    if (isIn(text)) return 'in'
    return text.startsWith('44') || text.startsWith('41') ? 'refused' : undefined
  },
  eventsIn: (bytes, from) => (bytes[from + SIGN_AT] === SIGN && bytes[from + 3] === QUOTE ? 1 : 0),
  pongFor: (bytes, from, to) => (to - from === 1 && bytes[from] === TWO ? PONG : undefined),
})

const lineEnd = (bytes: Buffer, from: number, to: number): number => {
  const at = bytes.indexOf(LINE_FEED, from)
  return at < 0 || at > to ? to : at
}

/** Each protocol by name. */
export const DIALECTS = {
  /** Socket.IO, in as soon as the namespace is. */
  socketIo: socketIo((text) => text.startsWith('40')),
  /** Socket.IO, in when the server says `connected`, as the seed has it. */
  socketIoConnected: socketIo((text) => text.startsWith('42["connected"')),
  /** Nothing but WebSocket. */
  ws: {
    path: '/',
    speaksFirst: true,
    greetingFor: () => Buffer.alloc(0),
    onText: () => undefined,
    eventsIn: () => 1,
    pongFor: () => undefined,
  },
  socketCluster: {
    path: '/socketcluster/',
    speaksFirst: true,
    greetingFor: (authToken) =>
      textFrame(JSON.stringify({ event: '#handshake', data: { authToken }, cid: 1 })),
    onText: (text) => {
      if (text.includes('"rid":1'))
        return text.includes('"isAuthenticated":true') ? SUBSCRIBE : 'refused'
      return text.includes('"rid":2') ? 'in' : undefined
    },
    eventsIn: (_bytes, from, to) => (to - from > 100 ? 1 : 0),
    pongFor: (_bytes, from, to) => (from === to ? EMPTY : undefined),
  },
  centrifugo: {
    path: '/connection/websocket',
    speaksFirst: true,
    greetingFor: (token) => textFrame(JSON.stringify({ id: 1, connect: { token } })),
    onText: (text) => {
      if (text.includes('"connect":')) return 'in'
      return text.includes('"error":') ? 'refused' : undefined
    },
    // Several messages may come in one frame, one a line; a ping, `{}`, among them.
    eventsIn: (bytes, from, to) => {
      let [events, begin] = [0, from]
      while (begin < to) {
        const end = lineEnd(bytes, begin, to)
        if (end - begin > 100) events += 1
        begin = end + 1
      }
      return events
    },
    pongFor: (bytes, from, to) => {
      for (let begin = from; begin < to; begin = lineEnd(bytes, begin, to) + 1) {
        if (bytes[begin] === OPEN_BRACE && bytes[begin + 1] === CLOSE_BRACE) return EMPTY_OBJECT
      }
      return undefined
    },
  },
} as const satisfies Record<string, Dialect>

const SUBSCRIBE = textFrame(
  JSON.stringify({ event: '#subscribe', data: { channel: 'stock' }, cid: 2 }),
)

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors/app-error.js'
import { createHub, type Hub } from '../../src/realtime/hub.js'
import { decodeFrames, openRaw, openRawWebSocket } from '../security/raw-socket.js'
import { encodeFrame, upgradeRequest } from '../support/websocket-wire.js'
import { bareHub, USER } from './bare-hub.js'

/**
 * Two servers that differ in nothing but who speaks: stock engine.io and `ws`, or a lean connection and the door before
 * Socket.IO. Whatever a client says, both answer the same.
 */
interface Wire extends AsyncDisposable {
  readonly url: string
  readonly hub: Hub
  /** Codes of refusals, in order. */
  readonly refused: string[]
}

const MAX_PAYLOAD = 2_000

const refusalOf = (token: unknown): AppError | undefined =>
  token === 'good' || token === 'dismissed' ? undefined : new AppError('AUTH_TOKEN_INVALID')

const startWire = async (leanConnections: boolean): Promise<Wire> => {
  const refused: string[] = []
  const hub = createHub({
    ...bareHub(refused),
    admission: {
      verify: async (token) => {
        const refusal = refusalOf(token)
        if (refusal !== undefined) throw refusal
        return { userId: String(token), expiresAt: 4_000_000_000_000 }
      },
      refusalOf,
      admit: async (claims) => {
        if (claims.userId === 'dismissed') throw new AppError('AUTH_USER_INACTIVE')
        return { user: USER, claims }
      },
      isCurrent: () => true,
    },
    transports: ['polling', 'websocket'],
    allowQueryToken: true,
    keepsRequests: false,
    leanConnections,
    limits: {
      maxConnectionsPerUser: 1_000,
      connectAttemptsPerConnection: 3,
      authenticateWithinMs: 30_000,
      eventsPerSecond: 1_000,
      maxPayloadBytes: MAX_PAYLOAD,
      maxBufferedBytes: 1_048_576,
    },
  })
  const server = createServer()
  hub.attach(server)
  hub.io.on('connection', (socket) => {
    socket.onAny((event: string, ...args: unknown[]) => {
      const answer = args.at(-1)
      if (typeof answer === 'function') (answer as (...all: unknown[]) => void)(event, args.length)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // A server that listens on TCP has an address of this shape.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port.toString()}`,
    hub,
    refused,
    [Symbol.asyncDispose]: async () => {
      await hub.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What a client heard, pongs apart from the rest: they may overtake what is made in the same turn. */
interface Heard {
  readonly head: string
  readonly frames: readonly string[]
  readonly pongs: readonly string[]
  readonly isEnded: boolean
  readonly refused: readonly string[]
}

const OPCODES = { close: 8, pong: 10 }

/**
 * Says one thing after the other, each once a question after the one before is answered: to an attempt to connect the lean
 * server answers at once, the stock one some turns later, and what is said in between is a matter of luck there.
 */
const converse = async (wire: Wire, said: readonly Buffer[], query?: string): Promise<Heard> => {
  wire.refused.length = 0
  using raw = openRaw(wire.url)
  const frames = () => decodeFrames(raw.received()).frames
  const changed = (): Promise<unknown> =>
    Promise.race([raw.closed, new Promise((resolve) => raw.tcp.once('data', resolve))])
  const heard = async (isIt: (frame: { opcode: number; text: string }) => boolean) => {
    while (!raw.isClosed() && !frames().some(isIt)) await changed()
  }
  raw.write(upgradeRequest(wire.url, query === undefined ? {} : { query }))
  await heard(({ text }) => text.startsWith('0'))
  for (const [index, frame] of [...said, Buffer.alloc(0)].entries()) {
    const question = `${String(index)} question`
    raw.write(frame)
    // In a turn of its own, as over a network.
    await new Promise(setImmediate)
    raw.write(encodeFrame(question, { opcode: 9 }))
    await heard(
      ({ opcode, text }) =>
        opcode === OPCODES.close || (opcode === OPCODES.pong && text === question),
    )
  }
  const isEnded = frames().some(({ opcode }) => opcode === OPCODES.close)
  if (isEnded) {
    // As every client does that was told of the end.
    raw.write(encodeFrame('', { opcode: 8 }))
    await raw.closed
  }
  const head = raw.received().toString('latin1').split('\r\n\r\n')[0] ?? ''
  const told = frames()
  return {
    head: head.replace(/(?<=sec-websocket-accept: ).*/i, ''),
    frames: told
      .filter(({ opcode }) => opcode !== OPCODES.pong)
      .map(({ opcode, text }) => `${String(opcode)} ${text.replace(/"sid":"[^"]*"/, '"sid":""')}`),
    pongs: told
      .filter(({ opcode, text }) => opcode === OPCODES.pong && !text.endsWith(' question'))
      .map(({ text }) => text),
    isEnded,
    refused: [...wire.refused],
  }
}

const text = (...alternatives: readonly string[]) =>
  fc.constantFrom(...alternatives).map((said) => encodeFrame(said))

const one = fc.oneof(
  { arbitrary: text('40{"token":"good"}', '40{"token":"good","position":{"seq":1}}'), weight: 8 },
  {
    arbitrary: text('40', '40{"token":"forged"}', '40{"token":"dismissed"}', '40{"token":null}'),
    weight: 3,
  },
  {
    arbitrary: text('42["x"]', '421["x",1]', '422["y",{"a":[1]}]', '3', '6', '5', '1'),
    weight: 8,
  },
  {
    arbitrary: text('451-["x",{"_placeholder":true,"num":0}]', 'bAAEC', '41', '430[1]'),
    weight: 2,
  },
  {
    arbitrary: text('40[]', '40"good"', '40{', '40/other,{}', '400{"token":"good"}'),
    weight: 1,
  },
  {
    arbitrary: text('', '2', '2probe', '9', 'x', '44{"message":"no"}', '0{}', '7', '4', 'b'),
    weight: 1,
  },
  { arbitrary: fc.constant(encodeFrame(Buffer.from([1, 2, 3]), { opcode: 2 })), weight: 1 },
  {
    arbitrary: fc.constantFrom(9, 10).map((opcode) => encodeFrame('are you there', { opcode })),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom(
      encodeFrame('', { opcode: 8 }),
      encodeFrame(Buffer.from([0x03, 0xe8, 0x6f, 0x6b]), { opcode: 8 }),
      encodeFrame(Buffer.from([0x03, 0xed]), { opcode: 8 }),
      encodeFrame(Buffer.from([0xff]), { opcode: 1 }),
      encodeFrame('4', { reserved: 4 }),
      encodeFrame('4', { isMasked: false }),
      encodeFrame(`4${'x'.repeat(MAX_PAYLOAD)}`),
      Buffer.concat([
        encodeFrame('421["x', { isFinal: false }),
        encodeFrame('', { opcode: 9 }),
        encodeFrame('yz",1]', { opcode: 0 }),
      ]),
    ),
    weight: 1,
  },
)
const said = fc.array(one, { minLength: 1, maxLength: 6 })

describe('a connection that begins as a WebSocket', () => {
  let [stock, lean]: Wire[] = []

  beforeAll(async () => {
    ;[stock, lean] = [await startWire(false), await startWire(true)]
  })
  afterAll(async () => {
    await stock?.[Symbol.asyncDispose]()
    await lean?.[Symbol.asyncDispose]()
  })

  const both = async (frames: readonly Buffer[], query?: string): Promise<[Heard, Heard]> => {
    if (stock === undefined || lean === undefined) throw new Error('Nobody listens.')
    return Promise.all([converse(stock, frames, query), converse(lean, frames, query)])
  }

  it('answers whatever is said as stock engine.io does', async () => {
    await fc.assert(
      fc.asyncProperty(said, async (frames) => {
        const [expected, heard] = await both(frames)
        expect(heard).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  }, 120_000)

  it.each([
    'EIO=4&transport=websocket&t=1.5',
    'transport=websocket&EIO=4&token=good',
    'transport=websocket&EIO=4&token=good&token=forged',
    'EIO=4&transport=websocket&b64=1',
    'EIO=4&transport=websocket&sid=',
  ])('that is asked for with %s is answered as stock engine.io does', async (query) => {
    const [expected, heard] = await both([encodeFrame('40'), encodeFrame('421["x"]')], query)
    expect(heard).toEqual(expected)
  })

  it('is told that its session has ended, where that is in the turn in which it began', async () => {
    if (lean === undefined) throw new Error('Nobody listens.')
    const { hub } = lean
    hub.io.once('connection', () => {
      hub.sessions.closeAll('AUTH_SESSION_REVOKED')
    })
    const { frames } = await converse(lean, [encodeFrame('40{"token":"good"}')])
    expect(frames.slice(1)).toEqual([
      '1 40{"sid":""}',
      expect.stringContaining('42["session:closing",{"code":"AUTH_SESSION_REVOKED"'),
      '8 ',
    ])
  })

  it.each([
    ['one of ours', () => lean],
    ["engine.io's", () => stock],
  ])('%s ends TCP with the session, and does not wait for an answer', async (_, given) => {
    const wire = given()
    if (wire === undefined) throw new Error('Nobody listens.')
    using raw = await openRawWebSocket(wire.url)
    raw.write(encodeFrame('40{"token":"good"}'))
    const texts = (): string[] => decodeFrames(raw.received()).frames.map((frame) => frame.text)
    await expect.poll(() => texts().at(-1)).toContain('42["connected"')
    // A reset, which comes to who has not answered for too long, is an error.
    const end = once(raw.tcp, 'end')
    wire.hub.sessions.closeAll('AUTH_SESSION_REVOKED')
    await end
    expect(texts().slice(-2)).toEqual([expect.stringContaining('42["session:closing"'), ''])
  })

  it('gives its place to no other WebSocket or poll that knows its id', async () => {
    if (lean === undefined) throw new Error('Nobody listens.')
    using first = await openRawWebSocket(lean.url)
    const [{ text } = { text: '' }] = decodeFrames(first.received()).frames
    const { sid } = JSON.parse(text.slice(1)) as { readonly sid: string }
    const poll = await fetch(`${lean.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`)
    expect(poll.status).toBe(400)
    using second = openRaw(lean.url)
    second.write(upgradeRequest(lean.url, { query: `EIO=4&transport=websocket&sid=${sid}` }))
    await expect.poll(() => decodeFrames(second.received()).frames[0]?.opcode).toBe(8)
    first.write(encodeFrame('40{"token":"good"}'))
    await expect
      .poll(() => decodeFrames(first.received()).frames.at(-1)?.text)
      .toContain('42["connected"')
  })

  it('is not there any more for engine.io once all have left', async () => {
    await expect.poll(() => lean?.hub.io.engine.clientsCount).toBe(0)
    expect(Object.keys(Reflect.get(lean?.hub.io.engine ?? {}, 'clients') as object)).toEqual([])
  })
})

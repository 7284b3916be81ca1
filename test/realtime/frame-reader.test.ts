import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as ws from 'ws'
import { FrameReader } from '../../src/realtime/frame-reader.js'
import { encodeFrame } from '../support/websocket-wire.js'

const BOUNDS = { maxPayloadBytes: 300, maxFragments: 3 }

type Heard = readonly [what: string, ...details: unknown[]]

const byUs = (chunks: readonly Buffer[]): readonly Heard[] => {
  const heard: Heard[] = []
  const reader = new FrameReader(BOUNDS, {
    onText: (text) => heard.push(['text', text]),
    onBinary: (data) => heard.push(['binary', data.toString('hex')]),
    onPing: (body) => heard.push(['ping', body.toString('hex')]),
    onPong: () => heard.push(['pong']),
    onCloseFrame: (body) => heard.push(['close', body.toString('hex')]),
    onViolation: (code) => heard.push(['violation', code]),
  })
  for (const chunk of chunks) reader.read(Buffer.from(chunk))
  return heard
}

/** The receiver of `ws`, which its types keep to themselves. */
interface WsReceiver extends NodeJS.WritableStream {
  on: (event: string, listener: (...args: never[]) => void) => this
}

const byWs = async (chunks: readonly Buffer[]): Promise<readonly Heard[]> => {
  const heard: Heard[] = []
  const MakeReceiver = Reflect.get(ws, 'Receiver') as new (options: object) => WsReceiver
  const receiver = new MakeReceiver({
    isServer: true,
    maxPayload: BOUNDS.maxPayloadBytes,
    maxFragments: BOUNDS.maxFragments,
  })
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    heard.push(isBinary ? ['binary', data.toString('hex')] : ['text', data.toString()]),
  )
  receiver.on('ping', (body: Buffer) => heard.push(['ping', body.toString('hex')]))
  receiver.on('pong', () => heard.push(['pong']))
  receiver.on('conclude', (code: number, reason: Buffer) => {
    const head = Buffer.from([code >> 8, code & 0xff])
    heard.push(['close', code === 1005 ? '' : Buffer.concat([head, reason]).toString('hex')])
  })
  receiver.on('error', (error: object) => {
    const [status] = Object.getOwnPropertySymbols(error)
    heard.push(['violation', status === undefined ? undefined : Reflect.get(error, status)])
  })
  for (const chunk of chunks) receiver.write(Buffer.from(chunk))
  // What it refuses it tells in the next tick.
  await new Promise(setImmediate)
  return heard
}

const body = fc.oneof(
  fc.constantFrom('', '4', '42["a"]', 'naïve \u{1f489}', '\ufffd').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 100, max: 310 }).map((length) => Buffer.alloc(length, 'x')),
)
const closeBody = fc
  .tuple(fc.constantFrom(999, 1000, 1005, 1011, 1015, 2999, 3000, 4999, 5000), body)
  .map(([code, reason]) => Buffer.from([code >> 8, code & 0xff, ...reason.subarray(0, 120)]))

const usual = { isFinal: true, reserved: 0, isMasked: true }
const rarely = <T>(value: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(value), weight: 12 }, { arbitrary: other, weight: 1 })

const frame = fc.oneof(
  { arbitrary: fc.tuple(fc.constantFrom(1, 2, 9, 10), body, fc.constant(usual)), weight: 6 },
  // A message in fragments, in order or not.
  {
    arbitrary: fc.tuple(
      fc.constantFrom(0, 0, 1, 2),
      body,
      fc.boolean().map((isFinal) => ({ ...usual, isFinal })),
    ),
    weight: 6,
  },
  { arbitrary: fc.tuple(fc.constant(8), fc.oneof(body, closeBody), fc.constant(usual)), weight: 1 },
  {
    arbitrary: fc.tuple(
      fc.integer({ min: 0, max: 15 }),
      body,
      fc.record({
        isFinal: rarely(true, fc.constant(false)),
        reserved: rarely(0, fc.integer({ min: 1, max: 7 })),
        isMasked: rarely(true, fc.constant(false)),
      }),
    ),
    weight: 2,
  },
)

const stream = fc
  .tuple(
    fc.array(frame, { minLength: 1, maxLength: 12 }),
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
    // A length that nobody would wait for.
    fc.option(fc.constant(Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0])), { freq: 9 }),
  )
  .map(([frames, sizes, last]) => {
    const bytes = Buffer.concat([
      ...frames.map(([opcode, data, options]) => encodeFrame(data, { opcode, ...options })),
      ...(last === null ? [] : [last]),
    ])
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length;) {
      const size = sizes[chunks.length % sizes.length] ?? 1
      chunks.push(bytes.subarray(at, at + size))
      at += size
    }
    return { whole: bytes, chunks }
  })

it('reads whatever comes, cut into pieces or whole, as ws reads it', async () => {
  await fc.assert(
    fc.asyncProperty(stream, async ({ whole, chunks }) => {
      const expected = await byWs([whole])
      expect(byUs(chunks)).toEqual(expected)
      expect(byUs([whole])).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

import fc from 'fast-check'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { connect as connectSecurely } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSecureDoor } from '../../src/http/secure-door.js'
import { answerUnreadable } from '../../src/http/unreadable.js'
import { ensureCertificates, type Certificates } from '../../src/tls/certificates.js'

/** Long beside what a handshake takes on a slow machine, and short beside the patience of this test. */
const HANDSHAKE_WITHIN_MS = 1_000

let folder: string
let made: Certificates
let door: ReturnType<typeof createSecureDoor>
/** Connections that the door has taken and not ended. */
const open = new Set<Socket>()
/** What a sound client says first. */
let hello: Buffer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-hostile-'))
  made = await ensureCertificates(folder, { names: ['localhost'], addresses: ['127.0.0.1'] })
  const inner = createServer((_request, response) => response.end('the service'))
  inner.on('clientError', answerUnreadable)
  door = createSecureDoor(inner, { ...made.server, handshakeWithinMs: HANDSHAKE_WITHIN_MS })
  door.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  hello = await recordHello()
})
afterAll(async () => {
  door.closeAllConnections()
  door.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  open.clear()
})

const port = (): number => (door.address() as AddressInfo).port

const recordHello = async (): Promise<Buffer> => {
  const listener = createTcpServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = connectSecurely({
    port: (listener.address() as AddressInfo).port,
    host: '127.0.0.1',
  })
  client.on('error', () => undefined)
  const [taken] = (await once(listener, 'connection')) as [Socket]
  const [said] = (await once(taken, 'data')) as [Buffer]
  client.destroy()
  taken.destroy()
  listener.close()
  return said
}

const ask = async (): Promise<string> => {
  const asked = request({
    port: port(),
    host: '127.0.0.1',
    ca: made.authority.toString(),
    agent: false,
  })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return text(answer)
}

/** How somebody leaves who is no sound client. */
const LEAVING = ['ends', 'destroys', 'resets'] as const
type Leaving = (typeof LEAVING)[number]

/** Says these things one after the other, and leaves, or else stays; resolves when the connection is over. */
const say = async (parts: readonly Uint8Array[], leaving?: Leaving): Promise<void> => {
  const socket = connect(port(), '127.0.0.1')
  // The door may hang up at any of them.
  socket.on('error', () => undefined)
  socket.resume()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await Promise.race([once(socket, 'connect'), closed])
  for (const part of parts) {
    if (socket.writable) socket.write(part)
    await setImmediate()
  }
  if (leaving === 'ends') socket.end()
  if (leaving === 'destroys') socket.destroy()
  if (leaving === 'resets') socket.resetAndDestroy()
  await closed
}

const cut = (whole: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const at = [...new Set(cuts.map((each) => each % whole.length))].sort((a, b) => a - b)
  return [0, ...at].map((from, index) => whole.subarray(from, at[index] ?? whole.length))
}

const cuts = fc.array(fc.nat(), { maxLength: 6 })
/** What a sound client says first, with some of it changed, up to some place. */
const helloLike = fc
  .record({
    length: fc.oneof(fc.nat(), fc.constant(-1)),
    changes: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }),
    cuts,
  })
  .map(({ length, changes, cuts: each }) => {
    const whole = Uint8Array.from(hello)
    for (const [at, value] of changes) whole[at % whole.length] = value
    return cut(length < 0 ? whole : whole.subarray(0, 1 + (length % whole.length)), each)
  })
const RECORD_HEAD = Uint8Array.of(0x16, 3, 1)
const noise = fc
  .tuple(fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 700 }), cuts)
  .map(([isRecord, bytes, each]) =>
    cut(isRecord ? Uint8Array.of(...RECORD_HEAD, ...bytes) : bytes, each),
  )
const plainHttp = fc
  .tuple(
    fc.constantFrom(
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /api HTTP/1.1\r\n',
      'PRI * HTTP/2.0\r\n',
    ),
    cuts,
  )
  .map(([said, each]) => cut(Buffer.from(said), each))
const hostile = fc.oneof(helloLike, noise, plainHttp, fc.constant([]))

/** Begins a handshake as a sound client, and leaves after some turns of the event loop. */
const abort = async (turns: number): Promise<void> => {
  const socket = connectSecurely({ port: port(), host: '127.0.0.1', ca: made.authority.toString() })
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (let turn = 0; turn < turns; turn += 1) await setImmediate()
  socket.destroy()
  await closed
}

describe('the door for HTTPS, whatever comes to it', () => {
  it('holds nobody who has left, and serves sound clients meanwhile', async () => {
    const comes = fc.oneof(
      fc.record({ says: hostile, leaves: fc.constantFrom(...LEAVING) }),
      fc.record({ turns: fc.nat({ max: 20 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(comes, { minLength: 1, maxLength: 6 }), async (all) => {
        const left = all.map((each) =>
          'turns' in each ? abort(each.turns) : say(each.says, each.leaves),
        )
        await expect.poll(ask).toBe('the service')
        await Promise.all(left)
        await expect.poll(() => open.size).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  it('ends whoever stays and completes no handshake', async () => {
    const staying = fc.sample(hostile, 60)
    // Each of them resolves, or the test does not end.
    await Promise.all(staying.map((says) => say(says)))
    await expect.poll(() => open.size).toBe(0)
    await expect.poll(ask).toBe('the service')
  })
})

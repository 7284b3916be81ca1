import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { LeanConnection } from '../../src/realtime/lean-connection.js'
import type { LeanHost } from '../../src/realtime/lean-host.js'
import { openRaw, type RawSocket } from '../security/raw-socket.js'
import { encodeFrame, frameAt } from '../support/websocket-wire.js'

interface World extends AsyncDisposable {
  readonly connection: LeanConnection
  readonly client: RawSocket
  /** Texts that the client was sent, and bodies of close frames in hexadecimal digits. */
  readonly heard: () => readonly string[]
  /** Why it was closed, from when it was. */
  readonly reasons: readonly string[]
  readonly floods: () => number
}

const CLOSE = 8

/** One connection after its upgrade, its client spoken by hand. */
const setup = async (settings: Partial<LeanHost<LeanConnection>> = {}): Promise<World> => {
  let floods = 0
  const host: LeanHost<LeanConnection> = {
    pingIntervalMs: 60_000,
    pingTimeoutMs: 60_000,
    goodbyeMs: 60_000,
    framesPerSecond: 1_000,
    maxPayloadBytes: 1_000,
    maxFragments: 10,
    onFlood: (connection) => {
      floods += 1
      connection.close(true)
    },
    onEnd: () => undefined,
    ...settings,
  }
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const client = openRaw(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`)
  const [tcp] = (await accepted) as [ConstructorParameters<typeof LeanConnection>[3]]
  const connection = new LeanConnection(host, 'id', new IncomingMessage(tcp), tcp)
  const reasons: string[] = []
  connection.on('close', (reason: string) => reasons.push(reason))
  return {
    connection,
    client,
    heard: () => {
      const heard: string[] = []
      const bytes = client.received()
      for (let frame = frameAt(bytes); frame !== undefined; frame = frameAt(bytes, frame.end)) {
        const { opcode, payload } = frame
        heard.push(opcode === CLOSE ? `closed ${payload.toString('hex')}` : payload.toString())
      }
      return heard
    },
    reasons,
    floods: () => floods,
    [Symbol.asyncDispose]: async () => {
      client.tcp.destroy()
      tcp.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('a lean connection', () => {
  it('is pinged, and ends with `ping timeout` where nothing comes back', async () => {
    await using world = await setup({ pingIntervalMs: 20, pingTimeoutMs: 20 })

    await expect.poll(() => world.reasons).toEqual(['ping timeout'])
    await expect.poll(world.heard).toEqual(['2', 'closed '])
  })

  it('goes on for as long as pongs come', async () => {
    await using world = await setup({ pingIntervalMs: 10, pingTimeoutMs: 10_000 })
    let beats = 0
    world.connection.on('heartbeat', () => (beats += 1))
    world.client.tcp.on('data', () => {
      world.client.write(encodeFrame('3'))
    })

    await expect.poll(() => beats).toBeGreaterThan(5)
    expect(world.reasons).toEqual([])
  })

  it('waits for a pong once more where something else comes meanwhile, and no longer', async () => {
    await using world = await setup({ pingIntervalMs: 1, pingTimeoutMs: 200 })
    await expect.poll(world.heard).toEqual(['2'])
    const pingedAt = performance.now()
    const talking = setInterval(() => {
      world.client.write(encodeFrame('4'))
    }, 40)

    await expect.poll(() => world.reasons).toEqual(['ping timeout'])
    clearInterval(talking)
    expect(performance.now() - pingedAt).toBeGreaterThan(210)
  })

  it('tells back ends of packets as engine.io does', async () => {
    await using world = await setup()
    const told: unknown[] = []
    world.connection.on('packet', (packet) => told.push(packet))
    world.connection.on('packetCreate', (packet) => told.push(packet))
    world.connection.on('data', (data) => told.push(data))
    world.client.write(Buffer.concat([encodeFrame('6'), encodeFrame('4hi')]))
    await expect.poll(() => told.length).toBe(3)
    world.connection.send('there')

    expect(told).toEqual([
      { type: 'noop' },
      { type: 'message', data: 'hi' },
      'hi',
      { type: 'message', data: 'there', options: {} },
    ])
  })

  it('sends all that was said before it is closed', async () => {
    await using world = await setup()
    const long = 'x'.repeat(5_000_000)
    world.client.tcp.pause()
    world.connection.send(long)
    world.connection.close()
    expect(world.reasons).toEqual([])
    world.client.tcp.resume()

    await expect.poll(() => world.reasons).toEqual(['forced close'])
    await expect.poll(() => world.client.bytesReceived()).toBeGreaterThan(long.length)
    expect(world.heard().at(-1)).toBe('closed ')
  })

  it('keeps the order of what is sent together and what is sent after it', async () => {
    await using world = await setup()
    world.connection.join()
    world.connection.send('one')
    world.connection.send(Buffer.from('two'))
    // Or a replay that waits for it would send all that was missed into one turn.
    expect(world.connection.waitingBytes).toBe(6 + 5)
    world.connection.close()

    await expect.poll(world.heard).toEqual(['4one', 'two', 'closed '])
  })

  it('calls back once what was sent is with the kernel', async () => {
    await using world = await setup()
    await new Promise((resolve) => world.connection.send('x', {}, resolve))
    world.connection.join()
    await new Promise((resolve) => world.connection.send('y', {}, resolve))
    await expect.poll(world.heard).toEqual(['4x', '4y'])
  })

  it('ends TCP where the client does not answer the close frame', async () => {
    await using world = await setup({ goodbyeMs: 20 })
    world.connection.close()

    await world.client.closed
    expect(world.reasons).toEqual(['forced close'])
  })

  it.each([
    ['what is no packet', encodeFrame('x'), 'parse error', 'closed '],
    ['a ping, which is for the server to send', encodeFrame('2'), 'transport error', 'closed '],
    [
      'more than it may send at once',
      encodeFrame('x'.repeat(1_001)),
      'transport error',
      'closed 03f1',
    ],
    ['what is no text', encodeFrame(Buffer.from([0xff])), 'transport error', 'closed 03ef'],
    [
      'a frame that is not masked',
      encodeFrame('4', { isMasked: false }),
      'transport error',
      'closed 03ea',
    ],
    [
      'a close frame',
      encodeFrame(Buffer.from([3, 0xe8]), { opcode: CLOSE }),
      'transport close',
      'closed 03e8',
    ],
  ])('that is sent %s ends, and says so', async (_, frame, reason, last) => {
    await using world = await setup()
    world.client.write(frame)

    await expect.poll(() => world.reasons).toEqual([reason])
    await expect.poll(() => world.heard().at(-1)).toBe(last)
  })

  it('ends with `transport close` where the client ends or resets TCP', async () => {
    await using ended = await setup()
    ended.client.tcp.end()
    await using cut = await setup()
    cut.client.reset()

    await expect
      .poll(() => [ended.reasons, cut.reasons])
      .toEqual([['transport close'], ['transport close']])
    // Nobody is there to be told of it.
    ended.connection.send('late')
  })

  it('is told of as flooding once it has used up two seconds of packets, or of pings', async () => {
    await using packets = await setup({ framesPerSecond: 10 })
    await using pings = await setup({ framesPerSecond: 10 })
    packets.client.write(Buffer.concat(Array<Buffer>(40).fill(encodeFrame('6'))))
    pings.client.write(Buffer.concat(Array<Buffer>(40).fill(encodeFrame('', { opcode: 10 }))))

    await expect.poll(() => [packets.floods(), pings.floods()]).toEqual([1, 1])
  })
})

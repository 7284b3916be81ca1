import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { decodeFrames, openRaw, type RawSocket } from '../security/raw-socket.js'
import { setupApp, type TestApp } from '../support/app.js'
import { isLongRun } from '../support/long.js'
import { encodeFrame, upgradeRequest } from '../support/websocket-wire.js'

const FLOOD = 5_000

const endings = async (app: TestApp): Promise<string[]> => {
  const rows = await app.database.query<{ code: string }>(
    `select code from connection_log where outcome = 'closed' order by at`,
  )
  return rows.map(({ code }) => code)
}

const texts = (raw: RawSocket): string[] =>
  decodeFrames(raw.received()).frames.map(({ text }) => text)

/** A connection that is admitted, spoken by hand. */
const admitted = async (app: TestApp): Promise<RawSocket> => {
  const raw = openRaw(app.url)
  const { token } = await app.addUser('pharmacist')
  raw.write(upgradeRequest(app.url))
  await expect.poll(() => texts(raw).some((text) => text.startsWith('0'))).toBe(true)
  raw.write(encodeFrame(`40${JSON.stringify({ token })}`))
  await expect.poll(() => texts(raw).some((text) => text.includes('"connected"'))).toBe(true)
  return raw
}

describe('a session that floods with', () => {
  it.each([
    ['pongs of engine.io', encodeFrame('3')],
    ['packets that say nothing', encodeFrame('6')],
    ['pings of WebSocket', encodeFrame('', { opcode: 9 })],
    ['pongs of WebSocket', encodeFrame('', { opcode: 10 })],
    ['pings and pongs in turn', Buffer.concat([encodeFrame('x', { opcode: 9 }), encodeFrame('3')])],
  ])('%s is closed with RATE_LIMITED, and others go on', async (_, frame) => {
    await using app = await setupApp()
    const other = await app.connect(await app.addUser('pharmacist'))
    using raw = await admitted(app)

    raw.write(Buffer.concat(Array<Buffer>(FLOOD).fill(frame)))

    await expect.poll(() => endings(app)).toEqual(['RATE_LIMITED'])
    await raw.closed
    expect(other.socket.connected).toBe(true)
  })

  it('pieces of one message is cut', async () => {
    await using app = await setupApp()
    using raw = await admitted(app)

    raw.write(encodeFrame('4', { isFinal: false }))
    const piece = encodeFrame('', { opcode: 0, isFinal: false })
    raw.write(Buffer.concat(Array<Buffer>(FLOOD).fill(piece)))

    await raw.closed
    await expect.poll(() => endings(app)).toHaveLength(1)
  })
})

describe('a polling session that floods with', () => {
  it.each([
    ['pongs', { method: 'POST', body: '3' }],
    ['bodies that are too large', { method: 'POST', body: '4'.repeat(70_000) }],
    ['methods that nobody serves', { method: 'PUT', body: '3' }],
  ])('%s is closed with RATE_LIMITED', async (_, request) => {
    await using app = await setupApp({ env: { EVENTS_PER_SECOND: '5' } })
    const client = await app.connect(await app.addUser('pharmacist'), { transports: ['polling'] })
    const { id: sid } = client.socket.io.engine as unknown as { id: string }
    const url = `${app.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`

    let status = 200
    for (let sent = 0; sent < 200 && status !== 400; sent += 1) {
      status = (await fetch(url, request)).status
    }

    await expect.poll(() => endings(app)).toEqual(['RATE_LIMITED'])
  })
})

describe('a WebSocket that a session has not moved to yet', () => {
  const beginUpgrade = async (app: TestApp): Promise<RawSocket> => {
    const client = await app.connect(await app.addUser('pharmacist'), { transports: ['polling'] })
    const { id: sid } = client.socket.io.engine as unknown as { id: string }
    const raw = openRaw(app.url)
    raw.write(upgradeRequest(app.url, { query: `EIO=4&transport=websocket&sid=${sid}` }))
    await expect.poll(() => raw.bytesReceived()).toBeGreaterThan(0)
    return raw
  }

  it('ends the session when it floods with probes', async () => {
    await using app = await setupApp()
    using raw = await beginUpgrade(app)
    raw.write(Buffer.concat(Array<Buffer>(250).fill(encodeFrame('2probe'))))

    await expect.poll(() => endings(app)).toEqual(['RATE_LIMITED'])
  })

  it('is cut when it floods with pings', async () => {
    await using app = await setupApp()
    using raw = await beginUpgrade(app)
    raw.write(Buffer.concat(Array<Buffer>(FLOOD).fill(encodeFrame('', { opcode: 9 }))))

    await raw.closed
  })
})

describe('a stock client', () => {
  it.each([['websocket'], ['polling']] as const)(
    'over %s is left alone when all that it sent in two seconds comes at once after a stall',
    async (transport) => {
      await using app = await setupApp({ env: { EVENTS_PER_SECOND: '20' } })
      const client = await app.connect(await app.addUser('pharmacist'), { transports: [transport] })
      for (let burst = 0; burst < 3; burst += 1) {
        // The last of them, a pong or a ping of a proxy, has room as well.
        const answers = Array.from({ length: 38 }, () => client.socket.emitWithAck('nothing', 1))
        await Promise.all(answers)
        await delay(2_000)
      }
      expect(client.socket.connected).toBe(true)
      expect(await endings(app)).toEqual([])
    },
  )

  it.runIf(isLongRun)(
    'keeps its session through a quiet time, at the lowest limit there is',
    async () => {
      await using app = await setupApp({ env: { EVENTS_PER_SECOND: '1' } })
      const client = await app.connect(await app.addUser('pharmacist'))
      for (let pings = 0; pings < 4; pings += 1)
        await once(client.socket.io.engine as never, 'ping')
      expect(client.socket.connected).toBe(true)
    },
  )
})

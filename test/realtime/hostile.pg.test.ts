import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { setupApp, type TestApp } from '../support/app.js'
import { outcomes } from '../support/outcomes.js'

interface RawClient extends Disposable {
  readonly ws: WebSocket
  readonly packets: string[]
  readonly send: (...packets: string[]) => void
  readonly isClosed: () => boolean
}

/** Speaks engine.io 4 and Socket.IO 5 by hand: `0` open, `40` CONNECT, `42` EVENT. */
const rawClient = async (app: TestApp): Promise<RawClient> => {
  const ws = new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
  const packets: string[] = []
  ws.on('message', (data: Buffer) => packets.push(data.toString()))
  ws.on('error', () => undefined)
  await expect.poll(() => packets[0]?.startsWith('0')).toBe(true)
  return {
    ws,
    packets,
    send: (...texts) => {
      for (const text of texts) if (ws.readyState === WebSocket.OPEN) ws.send(text)
    },
    isClosed: () => ws.readyState >= WebSocket.CLOSING,
    [Symbol.dispose]: () => {
      ws.terminate()
    },
  }
}

const expectServing = async (app: TestApp): Promise<void> => {
  const client = await app.connect(await app.addUser('pharmacist'))
  await app.database.query(`insert into inventory_items (sku, name) values ($1, 'x')`, [
    randomUUID(),
  ])
  await expect.poll(() => client.of('inventory:update').length).toBe(1)
  client.socket.disconnect()
}

const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('a handshake', () => {
  it.each([
    ['an object', '{"token":{"a":1}}', 'AUTH_TOKEN_INVALID'],
    ['an array', '{"token":["a","b"]}', 'AUTH_TOKEN_INVALID'],
    ['a number', '{"token":5}', 'AUTH_TOKEN_INVALID'],
    ['a boolean', '{"token":true}', 'AUTH_TOKEN_INVALID'],
    ['null', '{"token":null}', 'AUTH_TOKEN_MISSING'],
    ['an empty text', '{"token":""}', 'AUTH_TOKEN_MISSING'],
    ['nothing', '{}', 'AUTH_TOKEN_MISSING'],
    ['only inherited', '{"__proto__":{"token":"x"}}', 'AUTH_TOKEN_MISSING'],
    ['text with NUL', '{"token":"a\\u0000b"}', 'AUTH_TOKEN_INVALID'],
    ['a lone surrogate', '{"token":"\\ud800"}', 'AUTH_TOKEN_INVALID'],
    ['nested 5,000 deep', `{"token":${deep(5_000)}}`, 'AUTH_TOKEN_INVALID'],
    ['60 kB long', `{"token":"${'a'.repeat(60_000)}"}`, 'AUTH_TOKEN_INVALID'],
  ])('whose token is %s is refused with a code, and the next is served', async (_, auth, code) => {
    await using app = await setupApp()
    using raw = await rawClient(app)
    raw.send(`40${auth}`)

    await expect.poll(() => raw.packets.at(-1)).toContain(`"code":"${code}"`)
    await expect.poll(() => outcomes(app)).toEqual({ [`refused ${code}`]: 1 })
    await expectServing(app)
  })

  it('refuses two tokens in the query', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const client = app.client(undefined, {
      path: '/socket.io/',
      query: {},
      transports: ['websocket'],
    })
    client.socket.disconnect()
    const ws = new WebSocket(
      `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&token=${user.token}&token=${user.token}`,
    )
    const packets: string[] = []
    ws.on('message', (data: Buffer) => packets.push(data.toString()))
    await expect.poll(() => packets.length).toBe(1)
    ws.send('40')
    await expect.poll(() => packets.at(-1)).toContain('AUTH_TOKEN_INVALID')
    ws.terminate()
  })

  it('that is tried a thousand times on one connection costs three look-ups and the connection', async () => {
    await using app = await setupApp({ env: { AUTH_FAILURES_PER_MINUTE: '100000' } })
    using raw = await rawClient(app)
    raw.send(...Array.from({ length: 1_000 }, () => '40{"token":"bad"}'))

    await expect.poll(() => raw.isClosed()).toBe(true)
    await expect.poll(async () => Object.keys(await outcomes(app)).length).toBeGreaterThanOrEqual(1)
    const { 'refused AUTH_TOKEN_INVALID': checked = 0 } = await outcomes(app)
    expect(checked).toBeLessThanOrEqual(3)
    await expectServing(app)
  })

  it('that is sent twenty times at once makes at most one session', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    using raw = await rawClient(app)
    raw.send(...Array.from({ length: 20 }, () => `40{"token":"${user.token}"}`))

    await expect.poll(() => raw.isClosed()).toBe(true)
    expect(raw.packets.filter((packet) => packet.startsWith('40')).length).toBeLessThanOrEqual(1)
    await expectServing(app)
  })

  it.each(['/x', '/admin', '/__proto__', '/constructor'])(
    'for the namespace %s is refused, and no namespace grows',
    async (namespace) => {
      await using app = await setupApp()
      using raw = await rawClient(app)
      raw.send(`40${namespace},{"token":"x"}`)

      await expect.poll(() => raw.packets.at(-1)).toContain('Invalid namespace')
      await expectServing(app)
    },
  )

  it('that never comes costs the connection after the time to authenticate', async () => {
    await using app = await setupApp({ env: { AUTHENTICATE_WITHIN_MS: '300' } })
    using raw = await rawClient(app)

    await expect.poll(() => raw.isClosed()).toBe(true)
  })
})

describe('before it is authenticated, a connection', () => {
  it.each(['42["auth:refresh",{}]', '41', '43["x"]', '451-["e",{"_placeholder":true,"num":0}]'])(
    'that sends %s is closed, and no handler runs',
    async (packet) => {
      // A binary packet waits for its attachment, for as long as an authentication may take.
      await using app = await setupApp({ env: { AUTHENTICATE_WITHIN_MS: '3000' } })
      using raw = await rawClient(app)
      raw.send(packet)

      await expect.poll(() => raw.isClosed()).toBe(true)
      await expectServing(app)
    },
  )
})

describe('an authenticated socket', () => {
  it.each(
    [
      '42[5]',
      '42[""]',
      '42["__proto__",{}]',
      '42["constructor",{}]',
      '42["error",{}]',
      '42["auth:refresh"]',
      '42["auth:refresh",null]',
      '42["auth:refresh",{"token":null}]',
      '42["auth:refresh",{"token":"x"},"not a function"]',
      `42["auth:refresh",${deep(5_000)}]`,
      `42["${'e'.repeat(60_000)}"]`,
      '421["auth:refresh",{"token":{}}]',
      '421["nonsense",{}]',
      '42[{"toString":"x"}]',
      '42["connect"]',
      '43999[1]',
      '4599999999-["e"]',
      '450-["e"]',
      '451-["e",{"_placeholder":true,"num":"splice"}]',
      '451-["e",{"_placeholder":true,"num":-1}]',
      `42${'9'.repeat(20_000)}["e"]`,
      '42',
      '49',
      'garbage',
      '',
    ].map((packet) => [packet.slice(0, 50), packet] as const),
  )('that sends %j takes nobody else along', async (_, packet) => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    using raw = await rawClient(app)
    raw.send(`40{"token":"${user.token}"}`)
    await expect.poll(() => raw.packets.some((text) => text.includes('"connected"'))).toBe(true)
    raw.send(packet, packet)

    await expectServing(app)
  })

  it('is answered EVENT_UNKNOWN and EVENT_INVALID where it asked for an answer', async () => {
    await using app = await setupApp()
    const { socket } = await app.connect(await app.addUser('pharmacist'))

    expect(await socket.emitWithAck('join', 'role_admin')).toMatchObject({
      error: { code: 'EVENT_UNKNOWN' },
    })
    expect(await socket.emitWithAck('auth:refresh', JSON.parse(deep(40)))).toMatchObject({
      error: { code: 'EVENT_INVALID' },
    })
  })

  it('that floods is closed with RATE_LIMITED', async () => {
    await using app = await setupApp({ env: { EVENTS_PER_SECOND: '10' } })
    const { socket } = await app.connect(await app.addUser('pharmacist'))
    for (let i = 0; i < 50; i += 1) socket.emit('flood', i)

    await expect.poll(() => outcomes(app)).toMatchObject({ accepted: 1, 'closed RATE_LIMITED': 1 })
    await expectServing(app)
  })

  it('that sends too large a packet is cut off', async () => {
    await using app = await setupApp()
    const { socket } = await app.connect(await app.addUser('pharmacist'))
    socket.emit('large', 'x'.repeat(100_000))

    await expect.poll(() => outcomes(app)).toHaveProperty(['closed CLIENT_GONE'])
    await expectServing(app)
  })
})

describe('the connections of one user', () => {
  it('are bounded exactly, a hundred arriving at once', async () => {
    await using app = await setupApp({ env: { MAX_CONNECTIONS_PER_USER: '7' } })
    const user = await app.addUser('pharmacist')
    const clients = Array.from({ length: 100 }, () =>
      app.client(user.token, { reconnection: false }),
    )
    await expect
      .poll(() => outcomes(app))
      .toEqual({ accepted: 7, 'refused TOO_MANY_CONNECTIONS': 93 })
    await expect.poll(() => clients.filter(({ socket }) => socket.connected).length).toBe(7)

    clients.find(({ socket }) => socket.connected)?.socket.disconnect()
    await expect
      .poll(async () => {
        const next = app.client(user.token, { reconnection: false })
        await new Promise((resolve) => {
          next.socket.once('connect', () => resolve(undefined))
          next.socket.once('disconnect', () => resolve(undefined))
        })
        return next.socket.connected
      })
      .toBe(true)
  })

  it('let a stock client in by itself once one of them has ended', async () => {
    await using app = await setupApp({ env: { MAX_CONNECTIONS_PER_USER: '1' } })
    const user = await app.addUser('pharmacist')
    const { socket: first } = await app.connect(user)
    const { socket: second } = app.client(user.token)
    await expect.poll(() => outcomes(app)).toHaveProperty(['refused TOO_MANY_CONNECTIONS'])

    first.disconnect()
    await expect.poll(() => second.connected).toBe(true)
  })
})

describe('an origin that is not allowed', () => {
  it.each(['https://evil.example', 'null', 'http://localhost:3000.evil.example'])(
    '%s is refused over WebSocket and over polling',
    async (origin) => {
      await using app = await setupApp()
      const url = `${app.url}/socket.io/?EIO=4&transport=`
      const polling = await fetch(`${url}polling`, { headers: { origin } })
      expect(polling.status).toBe(403)
      expect(polling.headers.get('access-control-allow-origin')).not.toBe(origin)
      const ws = new WebSocket(`${url.replace('http', 'ws')}websocket`, { headers: { origin } })
      const failure = await new Promise<Error>((resolve) => ws.once('error', resolve))
      expect(failure.message).toContain('403')
      await expect.poll(() => outcomes(app)).toEqual({ 'refused ORIGIN_REFUSED': 2 })
    },
  )

  it('leaves the configured one, the own one and none', async () => {
    await using app = await setupApp({ env: { CLIENT_URL: 'https://clinic.example' } })
    for (const headers of [{ origin: 'https://clinic.example' }, { origin: app.url }, {}]) {
      const answer = await fetch(`${app.url}/socket.io/?EIO=4&transport=polling`, { headers })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})

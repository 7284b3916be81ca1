import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp } from '../support/app.js'
import { openRaw } from './raw-socket.js'
import { times } from '../support/long.js'
import { upgradeRequest } from '../support/websocket-wire.js'

const EVIL = 'https://evil.example'

const refusedOrigins = async (app: TestApp): Promise<number | undefined> => {
  const [row] = await app.database.query<{ count: number }>(
    `select sum(count) as count from connection_log where code = 'ORIGIN_REFUSED'`,
  )
  return row?.count
}

/** Opens a session over polling as a program without an origin does; its id is all that later requests show. */
const openPolling = async (app: TestApp): Promise<string> => {
  const url = `${app.url}/socket.io/?EIO=4&transport=polling`
  const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1)) as { sid: string }
  return `${url}&sid=${sid}`
}

// M15, class 22
describe('a page of another origin', () => {
  it('that resets its connection while it is refused takes nobody along', async () => {
    await using app = await setupApp()
    const request = upgradeRequest(app.url, { headers: [`Origin: ${EVIL}`] })
    for (let round = 0; round < times(40, 200); round += 1) {
      using raw = openRaw(app.url)
      await new Promise((resolve) => raw.tcp.once('connect', resolve))
      raw.tcp.write(request)
      setImmediate(() => {
        raw.reset()
      })
      await raw.closed
    }
    const client = await app.connect(await app.addUser('pharmacist'))
    expect(client.socket.connected).toBe(true)
  })

  it('cannot post plain text to start a session, nor into one whose id it has learnt', async () => {
    await using app = await setupApp()
    const user = await app.addUser('pharmacist')
    const headers = { origin: EVIL, 'content-type': 'text/plain' }
    const body = `40{"token":"${user.token}"}`
    const session = await openPolling(app)
    for (const url of [`${app.url}/socket.io/?EIO=4&transport=polling`, session]) {
      const answer = await fetch(url, { method: 'POST', headers, body })
      expect(answer.status).toBe(403)
      expect(answer.headers.get('access-control-allow-origin')).not.toBe(EVIL)
    }
    expect((await fetch(session, { headers: { origin: EVIL } })).status).toBe(403)

    await expect.poll(() => refusedOrigins(app)).toBe(3)
    // The session is as it was: nobody has authenticated in it.
    expect(await (await fetch(session, { method: 'POST', body: '40{"token":"x"}' })).text()).toBe(
      'ok',
    )
    expect(await (await fetch(session)).text()).toContain('AUTH_TOKEN_INVALID')
  })

  it.each([
    EVIL,
    'null',
    '',
    'https://clinic.example.evil.example',
    'https://evil.example/clinic.example',
    'http://clinic.example',
    'https://clinic.example:444',
    'https://clinic.example@evil.example',
    'file://',
    'javascript:alert(1)',
    'https://CLINIC.example.',
  ])('%j is refused over WebSocket and polling', async (origin) => {
    await using app = await setupApp({ env: { CLIENT_URL: 'https://clinic.example' } })
    const polling = await fetch(`${app.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin },
    })
    using raw = openRaw(app.url)
    raw.write(upgradeRequest(app.url, { headers: [`Origin: ${origin}`] }))
    await raw.closed

    expect(polling.status).toBe(403)
    expect(raw.received().toString()).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('gets no answer as a script, which needs no origin', async () => {
    await using app = await setupApp()
    const answer = await fetch(`${app.url}/socket.io/?EIO=4&transport=polling&j=0`)
    expect(answer.status).toBe(400)
    expect(await answer.text()).not.toContain('sid')
  })
})

describe('every answer under /socket.io/', () => {
  it.each([
    ['a handshake', 'GET', 'EIO=4&transport=polling', 200],
    ['a preflight', 'OPTIONS', 'EIO=4&transport=polling', 204],
    ['an unknown transport', 'GET', 'EIO=4&transport=__proto__', 400],
    ['an unknown session', 'GET', 'EIO=4&transport=polling&sid=constructor', 400],
    ['an old protocol', 'GET', 'EIO=3&transport=polling', 400],
    ['a wrong method', 'PUT', 'EIO=4&transport=polling', 400],
    ['another origin', 'GET', 'EIO=4&transport=polling', 403],
  ])('keeps browsers strict: %s', async (what, method, query, status) => {
    await using app = await setupApp()
    const answer = await fetch(`${app.url}/socket.io/?${query}`, {
      method,
      headers: what === 'another origin' ? { origin: EVIL } : {},
    })
    expect(answer.status).toBe(status)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    })
    expect(answer.headers.get('access-control-allow-origin')).not.toBe('*')
  })

  it('keeps browsers strict: an upgrade', async () => {
    await using app = await setupApp()
    using raw = openRaw(app.url)
    raw.write(upgradeRequest(app.url))
    await expect.poll(() => raw.received().toString()).toContain('\r\n\r\n')
    expect(raw.received().toString()).toMatch(/^HTTP\/1\.1 101 [^]*X-Content-Type-Options: nosniff/)
  })

  it('is refused where polling is switched off', async () => {
    await using app = await setupApp({ env: { TRANSPORTS: 'websocket' } })
    const answer = await fetch(`${app.url}/socket.io/?EIO=4&transport=polling`)
    expect(answer.status).toBe(400)
    const client = await app.connect(await app.addUser('pharmacist'))
    expect(client.socket.connected).toBe(true)
  })
})

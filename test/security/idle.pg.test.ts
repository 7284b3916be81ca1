import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp } from '../support/app.js'
import { openRawWebSocket, type RawSocket } from './raw-socket.js'
import { expectWithin, times } from '../support/long.js'
import { encodeFrame } from '../support/websocket-wire.js'

const COUNT = times(100, 300)
const WITHIN_MS = 1_000

const openMany = (app: TestApp): Promise<RawSocket[]> =>
  Promise.all(Array.from({ length: COUNT }, () => openRawWebSocket(app.url)))

/** Resolves when the server has ended all of them, which never say goodbye themselves. */
const allEnded = async (sockets: readonly RawSocket[]): Promise<void> => {
  const startedAt = performance.now()
  await Promise.all(sockets.map(({ closed }) => closed))
  expectWithin(WITHIN_MS + 2_000, performance.now() - startedAt, 'The end of idle connections')
}

// Class 13, A4: stock Socket.IO keeps an idle connection for 45 s, and ws waits 30 s more for the goodbye of the peer.
describe('hundreds of connections that never authenticate', () => {
  it('are ended in time, down to TCP, though they answer no close frame', async () => {
    await using app = await setupApp({ env: { AUTHENTICATE_WITHIN_MS: WITHIN_MS.toString() } })
    const sockets = await openMany(app)

    await allEnded(sockets)
    const client = await app.connect(await app.addUser('pharmacist'))
    expect(client.socket.connected).toBe(true)
  })

  it('are ended in time though they go on sending', async () => {
    await using app = await setupApp({ env: { AUTHENTICATE_WITHIN_MS: WITHIN_MS.toString() } })
    const sockets = await openMany(app)
    const timer = setInterval(() => {
      for (const raw of sockets) raw.write(encodeFrame('3'))
    }, 100)

    await allEnded(sockets)
    clearInterval(timer)
  })
})

// Found while writing this: the time to authenticate counted once, so whoever left the namespace could stay for ever.
describe('a connection whose session has ended', () => {
  it('does not stay when the client leaves the session and keeps the connection', async () => {
    await using app = await setupApp({
      env: { AUTHENTICATE_WITHIN_MS: WITHIN_MS.toString(), MAX_CONNECTIONS_PER_USER: '1' },
    })
    const user = await app.addUser('pharmacist')
    for (let round = 0; round < times(2, 5); round += 1) {
      const raw = await openRawWebSocket(app.url)
      raw.write(encodeFrame(`40{"token":"${user.token}"}`))
      await expect.poll(() => raw.received().toString()).toContain('"connected"')
      raw.write(encodeFrame('41'))
      await allEnded([raw])
    }
  })
})

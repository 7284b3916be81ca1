import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp } from '../support/app.js'
import { openRawWebSocket, type RawSocket } from './raw-socket.js'
import { encodeFrame } from '../support/websocket-wire.js'

const COUNT = 300
const WITHIN_MS = 1_000

const openMany = (app: TestApp): Promise<RawSocket[]> =>
  Promise.all(Array.from({ length: COUNT }, () => openRawWebSocket(app.url)))

/** Milliseconds until the server has ended all of them, which never say goodbye themselves. */
const endedAfterMs = async (sockets: readonly RawSocket[]): Promise<number> => {
  const startedAt = performance.now()
  await Promise.all(sockets.map(({ closed }) => closed))
  return performance.now() - startedAt
}

// Class 13, A4: stock Socket.IO keeps an idle connection for 45 s, and ws waits 30 s more for the goodbye of the peer.
describe('three hundred connections that never authenticate', () => {
  it('are ended in time, down to TCP, though they answer no close frame', async () => {
    await using app = await setupApp({ env: { AUTHENTICATE_WITHIN_MS: WITHIN_MS.toString() } })
    const sockets = await openMany(app)

    expect(await endedAfterMs(sockets)).toBeLessThan(WITHIN_MS + 2_000)
    const client = await app.connect(await app.addUser('pharmacist'))
    expect(client.socket.connected).toBe(true)
  }, 30_000)

  it('are ended in time though they go on sending', async () => {
    await using app = await setupApp({ env: { AUTHENTICATE_WITHIN_MS: WITHIN_MS.toString() } })
    const sockets = await openMany(app)
    const timer = setInterval(() => {
      for (const raw of sockets) raw.write(encodeFrame('3'))
    }, 100)

    expect(await endedAfterMs(sockets)).toBeLessThan(WITHIN_MS + 2_000)
    clearInterval(timer)
  }, 30_000)
})

// Found while writing this: the time to authenticate counted once, so whoever left the namespace could stay for ever.
describe('a connection whose session has ended', () => {
  it('does not stay when the client leaves the session and keeps the connection', async () => {
    await using app = await setupApp({
      env: { AUTHENTICATE_WITHIN_MS: WITHIN_MS.toString(), MAX_CONNECTIONS_PER_USER: '1' },
    })
    const user = await app.addUser('pharmacist')
    for (let round = 0; round < 5; round += 1) {
      const raw = await openRawWebSocket(app.url)
      raw.write(encodeFrame(`40{"token":"${user.token}"}`))
      await expect.poll(() => raw.received().toString()).toContain('"connected"')
      raw.write(encodeFrame('41'))
      expect(await endedAfterMs([raw])).toBeLessThan(WITHIN_MS + 2_000)
    }
  }, 30_000)
})

import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { setupApp, type TestApp, type TestUser } from '../support/app.js'
import { decodeFrames, openRawWebSocket, type RawSocket } from './raw-socket.js'
import { encodeFrame } from '../support/websocket-wire.js'

/** Authenticates by hand, and then reads nothing more. */
const connectDeaf = async (app: TestApp, user: TestUser): Promise<RawSocket> => {
  const raw = await openRawWebSocket(app.url)
  raw.write(encodeFrame(`40{"token":"${user.token}"}`))
  await expect.poll(() => raw.received().toString()).toContain('"connected"')
  raw.tcp.pause()
  return raw
}

const closedCodes = async (app: TestApp, userId: string): Promise<string[]> => {
  const rows = await app.database.query<{ code: string }>(
    `select code from connection_log where outcome = 'closed' and user_id = $1`,
    [userId],
  )
  return rows.map(({ code }) => code)
}

const send = async (app: TestApp, admin: TestUser, userId: string, megabytes: number) => {
  const data = { filler: 'x'.repeat(50_000) }
  for (let sent = 0; sent < megabytes * 20; sent += 1) {
    const { status } = await app.api(admin.token, 'POST', '/api/messages', {
      to: { userId },
      event: 'ward:note',
      data,
    })
    expect(status).toBe(202)
  }
}

// M2, class 17: a plain close let a slow reader read 20 MB after his dismissal.
describe('a dismissed user who does not read', () => {
  it('gets no event numbered after it, and no more than his own machine had received', async () => {
    await using app = await setupApp({ env: { MAX_BUFFERED_BYTES: '50000000' } })
    const [admin, user] = [await app.addUser('admin'), await app.addUser('pharmacist')]
    const raw = await connectDeaf(app, user)
    await send(app, admin, user.id, 5)
    await app.database.query('update users set is_active = false where id = $1', [user.id])
    await app.database.query(`insert into inventory_items (sku, name) values ('AFTER', 'x')`)
    await expect.poll(() => closedCodes(app, user.id)).toEqual(['AUTH_USER_INACTIVE'])

    const readBefore = raw.bytesReceived()
    raw.tcp.resume()
    await raw.closed
    const { frames } = decodeFrames(raw.received())
    expect(frames.filter(({ text }) => text.includes('inventory:update'))).toEqual([])
    // What waited in the server and in its kernel is gone; what the client's kernel had is beyond anybody's reach.
    expect(raw.bytesReceived() - readBefore).toBeLessThan(2_500_000)
  })

  it('is cut off for it long before, where the bound is the usual one', async () => {
    await using app = await setupApp()
    const [admin, user] = [await app.addUser('admin'), await app.addUser('pharmacist')]
    const other = await app.connect(await app.addUser('pharmacist'))
    using raw = await connectDeaf(app, user)
    // M13: more than the kernels of both sides take, and a megabyte beside it.
    await send(app, admin, user.id, 10)

    await expect.poll(() => closedCodes(app, user.id)).toEqual(['SLOW_CONSUMER'])
    expect(raw.bytesReceived()).toBeLessThan(1_000_000)
    await app.database.query(`insert into inventory_items (sku, name) values ('A', 'x')`)
    await expect.poll(() => other.of('inventory:update').length).toBe(1)
  })
})

// M14: with ws before 8.23 each ping left a pong in memory, 110 MB for 31 MB sent.
describe('a flood of pings by a client that does not read', () => {
  it('is cut', async () => {
    await using app = await setupApp()
    using raw = await openRawWebSocket(app.url)
    raw.tcp.pause()
    const pings = Buffer.concat(
      Array.from({ length: 1_000 }, () => encodeFrame('p'.repeat(120), { opcode: 9 })),
    )
    let written = 0
    while (!raw.isClosed() && written < 60_000_000) {
      raw.write(pings)
      written += pings.length
      // Lets the server read, and this end notice that it was cut.
      await delay(1)
      if (raw.tcp.writableLength > 4_000_000) raw.tcp.resume()
    }
    expect(raw.isClosed()).toBe(true)
    const client = await app.connect(await app.addUser('pharmacist'))
    expect(client.socket.connected).toBe(true)
  })
})

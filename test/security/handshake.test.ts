import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io as connectClient } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import { createRealtime, type RealtimeOptions } from '../../src/services/standalone.js'
import { decodeFrames, openRawWebSocket } from './raw-socket.js'
import { encodeFrame } from '../support/websocket-wire.js'

const TOKEN = 'the-token-that-nobody-may-keep'
const USER = { id: 'user-1', username: 'amina', role: 'pharmacist' }

/** Real time on a bare HTTP server, where a test can look into Socket.IO itself. */
const openRealtime = async (options: Partial<RealtimeOptions> = {}) => {
  const httpServer = createServer()
  const realtime = createRealtime(httpServer, {
    verifyAccessToken: (token) =>
      token === TOKEN ? { userId: USER.id } : Promise.reject(new Error('unknown token')),
    findUser: () => USER,
    ...options,
  })
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has an AddressInfo.
  const { port } = httpServer.address() as AddressInfo
  return {
    io: realtime.io,
    url: `http://127.0.0.1:${port.toString()}`,
    [Symbol.asyncDispose]: async () => {
      await realtime.close()
      httpServer.closeAllConnections()
      await new Promise((resolve) => httpServer.close(resolve))
    },
  }
}

/** Namespaces of Socket.IO and what stands before each; it declares neither. */
const namespacesOf = (io: object): Map<string, { readonly _fns: readonly unknown[] }> =>
  Reflect.get(io, '_nsps') as Map<string, { readonly _fns: readonly unknown[] }>

/** Sockets that Socket.IO keeps between CONNECT and the verdict. */
const undecided = (io: { of: (name: string) => object }): number =>
  (Reflect.get(io.of('/'), '_preConnectSockets') as Map<string, unknown>).size

describe('Socket.IO', () => {
  // Class 11
  it('has the authentication before every namespace that there is', async () => {
    await using world = await openRealtime()
    const raw = await openRawWebSocket(world.url)
    for (const name of ['/x', '/admin', '/__proto__']) raw.write(encodeFrame(`40${name},{}`))
    await expect.poll(() => decodeFrames(raw.received()).frames.length).toBe(4)
    raw.tcp.destroy()

    const namespaces = namespacesOf(world.io)
    expect([...namespaces.keys()]).toEqual(['/'])
    for (const namespace of namespaces.values()) {
      expect(namespace._fns.length).toBeGreaterThanOrEqual(1)
    }
    expect(Reflect.get(world.io, 'parentNsps')).toHaveProperty('size', 0)
  })

  // M1
  it('keeps no state to recover: what was missed is never sent before the authentication', async () => {
    await using world = await openRealtime()
    const raw = await openRawWebSocket(world.url)
    raw.write(encodeFrame(`40${JSON.stringify({ token: TOKEN })}`))
    const texts = (): string[] => decodeFrames(raw.received()).frames.map(({ text }) => text)
    await expect.poll(() => texts().some((text) => text.includes('"connected"'))).toBe(true)
    raw.tcp.destroy()

    // With recovery on, the answer to CONNECT has a `pid`, the key to what was missed.
    expect(texts().find((text) => text.startsWith('40'))).toMatch(/^40\{"sid":"[\w-]+"\}$/)
    expect(Reflect.get(world.io, 'opts')).not.toHaveProperty('connectionStateRecovery')
  })

  // M11: adapters publish the handshake, handlers log it.
  it.each([
    ['auth', '', [], `{"token":"${TOKEN}"}`],
    ['the header', '', [`Authorization: Bearer ${TOKEN}`], ''],
    ['the query', `&token=${TOKEN}`, [], ''],
    ['the query, its name encoded', `&x=?&to%6ben=${TOKEN}`, [], ''],
  ])('keeps no copy of a token that came by %s', async (_, query, headers, auth) => {
    await using world = await openRealtime()
    const seen = new Promise<string>((resolve) => {
      world.io.on('connection', ({ handshake, request, data }) => {
        const parsed: unknown = Reflect.get(request, '_query')
        resolve(JSON.stringify([handshake, request.url, request.headers, parsed, data]))
      })
    })
    using raw = await openRawWebSocket(world.url, {
      query: `EIO=4&transport=websocket${query}`,
      headers,
    })
    raw.write(encodeFrame(`40${auth}`))
    expect(await seen).not.toContain(TOKEN)
  })

  // M17
  it('takes a token from nowhere but an own field', async () => {
    let asked = 0
    await using world = await openRealtime({
      verifyAccessToken: () => {
        asked += 1
        return { userId: USER.id }
      },
    })
    const raw = await openRawWebSocket(world.url)
    raw.write(encodeFrame(`40{"__proto__":{"token":"${TOKEN}"}}`))
    await expect
      .poll(() => decodeFrames(raw.received()).frames.at(-1)?.text)
      .toContain('AUTH_TOKEN_MISSING')
    raw.tcp.destroy()
    expect(asked).toBe(0)
  })

  // M6, M7: a client that leaves during a look-up that never settles.
  it('forgets who leaves while a look-up hangs, and who waits too long', async () => {
    await using world = await openRealtime({ findUser: () => new Promise(() => undefined) })
    const gone = await openRawWebSocket(world.url)
    const waiting = await openRawWebSocket(world.url)
    for (const raw of [gone, waiting]) raw.write(encodeFrame(`40{"token":"${TOKEN}"}`))
    await expect.poll(() => undecided(world.io)).toBe(2)
    gone.reset()

    await expect.poll(() => undecided(world.io)).toBe(1)
    await expect.poll(() => undecided(world.io)).toBe(0)
    await waiting.closed
    expect(world.io.of('/').sockets.size).toBe(0)
  })

  // M8: `connect_error` would stop a stock client for ever.
  it('closes the connection for what may pass, so that a stock client comes back by itself', async () => {
    let isDown = true
    await using world = await openRealtime({
      findUser: () => (isDown ? Promise.reject(new Error('no database')) : USER),
    })
    const errors: string[] = []
    let attempts = 0
    const socket = connectClient(world.url, { auth: { token: TOKEN }, forceNew: true })
    socket.on('connect_error', ({ message }) => errors.push(message))
    socket.io.on('reconnect_attempt', () => (attempts += 1))
    // It was turned away, and tries again.
    await expect.poll(() => attempts).toBeGreaterThan(0)
    isDown = false

    await expect.poll(() => socket.connected).toBe(true)
    expect(errors).not.toContain('Service temporarily unavailable')
    socket.disconnect()
  })
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io } from 'socket.io-client'
import { expect, it } from 'vitest'
import { createRealtime } from '../../src/services/standalone.js'
import { startRedis } from '../support/redis-server.js'

const USER_ID = '4b1e7b0e-7f0b-4b53-9c3a-0d6f5c1f3a11'

/** A process of a back end of somebody else's, with one user and one client that keeps what it hears. */
const startBackEnd = async (redisUrl: string, serviceName: string) => {
  const httpServer = createServer().listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  const realtime = createRealtime(httpServer, {
    verifyAccessToken: (userId) => ({ userId }),
    findUser: (id) => ({ id, username: id, role: 'doctor' }),
    redisUrl,
    serviceName,
    nodeName: crypto.randomUUID(),
  })
  const { port } = httpServer.address() as AddressInfo
  const heard: string[] = []
  const socket = io(`http://127.0.0.1:${port.toString()}`, {
    transports: ['websocket'],
    auth: { token: USER_ID },
  })
  socket.onAny((event: string) => heard.push(event))
  await expect.poll(() => heard).toEqual(['connected'])
  return {
    realtime,
    heard,
    [Symbol.asyncDispose]: async () => {
      socket.disconnect()
      await realtime.close()
      httpServer.close()
    },
  }
}

it('back ends on one Redis meet where they have one service name, and nowhere else', async () => {
  await using redis = await startRedis()
  await using one = await startBackEnd(redis.url, 'clinic')
  await using two = await startBackEnd(redis.url, 'clinic')
  await using other = await startBackEnd(redis.url, 'pharmacy')
  await expect.poll(async () => (await one.realtime.presence.connections()).nodes.length).toBe(2)
  one.realtime.publisher.sendToUser(USER_ID, 'from:one', {})
  await expect.poll(() => two.heard).toEqual(['connected', 'from:one'])
  // Its own comes by the same way, after whatever came before.
  expect((await other.realtime.presence.connections()).nodes).toHaveLength(1)
  other.realtime.publisher.sendToAll('from:other', {})
  await expect.poll(() => other.heard).toEqual(['connected', 'from:other'])
  expect(await one.realtime.io.fetchSockets()).toHaveLength(2)
})

it('a back end with Redis and without a service name is refused', () => {
  const httpServer = createServer()
  expect(() =>
    createRealtime(httpServer, {
      verifyAccessToken: (userId) => ({ userId }),
      findUser: (id) => ({ id, username: id, role: 'doctor' }),
      redisUrl: 'redis://127.0.0.1:1',
    }),
  ).toThrow(/give a serviceName/)
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io as connect } from 'socket.io-client'
import { expect, it } from 'vitest'
import { AppError } from '../../src/errors/app-error.js'
import { createHub } from '../../src/realtime/hub.js'
import { bareHub, USER } from './bare-hub.js'

it('opens no session for who was dismissed between the verdict and the opening', async () => {
  let verdicts = 0
  const refused: string[] = []
  const bare = bareHub(refused)
  const hub = createHub({
    ...bare,
    admission: {
      verify: async () => ({ userId: USER.id, expiresAt: Date.now() + 60_000 }),
      refusalOf: () => undefined,
      admit: async (claims) => {
        verdicts += 1
        if (verdicts > 1) throw new AppError('AUTH_USER_INACTIVE')
        return { user: USER, claims }
      },
      // A change of the user has passed since the first verdict.
      isCurrent: () => false,
    },
    attempts: { ...bare.attempts, accepted: () => refused.push('accepted') },
    transports: ['websocket'],
    allowQueryToken: false,
    limits: {
      maxConnectionsPerUser: 1,
      connectAttemptsPerConnection: 1,
      authenticateWithinMs: 30_000,
      eventsPerSecond: 50,
      maxPayloadBytes: 65_536,
      maxBufferedBytes: 1_048_576,
    },
  })
  const server = createServer().listen(0, '127.0.0.1')
  hub.attach(server)
  await expect.poll(() => server.listening).toBe(true)
  // A server that listens on TCP has an address of this shape.
  const { port } = server.address() as AddressInfo
  const client = connect(`http://127.0.0.1:${port.toString()}`, {
    auth: { token: 'any' },
    transports: ['websocket'],
    reconnection: false,
  })
  const events: string[] = []
  client.onAny((event: string) => events.push(event))
  let isOver = false
  client.once('disconnect', () => (isOver = true))

  await expect.poll(() => isOver).toBe(true)
  expect(events).toEqual([])
  expect(refused).toEqual(['AUTH_USER_INACTIVE'])
  expect(hub.sessions.size()).toBe(0)
  await hub.close()
  server.close()
})

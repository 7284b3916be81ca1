import { describe, expect, it } from 'vitest'
import { EPOCH, greeting, lowStock, update, type FakeSocket } from './support/fake-server.js'
import { connected, phases, setupWorld } from './support/world.js'

/** Of a newer server: its code is not known here, what to do is. */
const NEW_TOKEN_PLEASE = { code: 'CODE_OF_A_NEWER_SERVER', retryable: true, needsNewToken: true }

describe('connecting', () => {
  it('tells each phase with its code', async () => {
    await using world = await setupWorld()
    await connected(world.client)
    world.client.stop()
    expect(phases(world.statuses)).toEqual([
      'connecting STARTED',
      'connected CONNECTED',
      'disconnected STOPPED',
    ])
  })

  it('connects by polling alone', async () => {
    await using world = await setupWorld({ transports: ['polling'] })
    await connected(world.client)
  })

  it('asks for a token on every attempt and sends the latest one', async () => {
    let asked = 0
    await using world = await setupWorld({ getToken: () => `token-${++asked}` }, (server) => {
      server.refuse = (_auth, attempt) =>
        attempt < 3 ? { code: 'SERVER_UNAVAILABLE', retryable: true } : undefined
    })
    await expect.poll(() => world.client.status().phase).toBe('connected')
    expect(world.server.handshakes.map(({ token }) => token)).toEqual([
      'token-1',
      'token-2',
      'token-3',
    ])
  })

  it('says which token was refused as expired', async () => {
    const stale: (string | undefined)[] = []
    await using world = await setupWorld(
      {
        getToken: ({ staleToken }) => {
          stale.push(staleToken)
          return staleToken === undefined ? 'old' : 'new'
        },
      },
      (server) => {
        server.refuse = ({ token }) => (token === 'old' ? NEW_TOKEN_PLEASE : undefined)
      },
    )
    await connected(world.client)
    expect(stale).toEqual([undefined, 'old'])
  })

  it('stops for good where the refusal is not retryable', async () => {
    await using world = await setupWorld({}, (server) => {
      server.refuse = () => ({ code: 'CODE_OF_A_NEWER_SERVER', retryable: false })
    })
    await expect
      .poll(() => world.client.status())
      .toMatchObject({ phase: 'disconnected', code: 'CODE_OF_A_NEWER_SERVER' })
    world.client.wake()
    expect(world.client.status().phase).toBe('disconnected')
    expect(world.server.handshakes).toHaveLength(1)
  })

  it('waits as long as the server says', async () => {
    const startedAt = performance.now()
    await using world = await setupWorld({}, (server) => {
      server.refuse = (_auth, attempt) =>
        attempt === 1 ? { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 700 } : undefined
    })
    await expect.poll(() => world.statuses.some(({ code }) => code === 'RATE_LIMITED')).toBe(true)
    await expect.poll(() => world.client.status().phase).toBe('connected')
    // A timer never fires early; without the server's word it would have waited 200 ms.
    expect(performance.now() - startedAt).toBeGreaterThan(690)
  })

  it('connects at once when woken during the back-off', async () => {
    await using world = await setupWorld({}, (server) => {
      server.refuse = (_auth, attempt) =>
        attempt === 1 ? { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 60_000 } : undefined
    })
    await expect.poll(() => world.client.status().code).toBe('RATE_LIMITED')
    world.client.wake()
    await connected(world.client)
  })

  it('keeps trying while the server cannot be reached', async () => {
    await using world = await setupWorld({ url: 'http://127.0.0.1:1' })
    await expect
      .poll(() => world.client.status())
      .toMatchObject({ phase: 'connecting', code: 'NETWORK_ERROR' })
  })
})

describe('losing the connection', () => {
  it('comes back after session:closing with a retryable code, and shows that code meanwhile', async () => {
    await using world = await setupWorld()
    await connected(world.client)
    const [socket] = world.server.sockets()
    socket?.emit('session:closing', {
      code: 'SERVER_DRAINING',
      message: 'Server is restarting',
      retryable: true,
      retryAfterMs: 10,
    })
    socket?.disconnect(true)
    await expect.poll(() => world.server.handshakes).toHaveLength(2)
    await connected(world.client)
    expect(phases(world.statuses)).toContain('connecting SERVER_DRAINING')
  })

  it('stays away after session:closing with a final code', async () => {
    await using world = await setupWorld()
    await connected(world.client)
    const [socket] = world.server.sockets()
    socket?.emit('session:closing', {
      code: 'AUTH_USER_INACTIVE',
      message: 'Account is deactivated',
      retryable: false,
    })
    socket?.disconnect(true)
    await expect
      .poll(() => world.client.status())
      .toMatchObject({
        phase: 'disconnected',
        code: 'AUTH_USER_INACTIVE',
        reason: 'Account is deactivated',
      })
    expect(world.server.handshakes).toHaveLength(1)
  })

  it.each([true, false])(
    'comes back after a bare disconnect (engine closed: %s)',
    async (close) => {
      await using world = await setupWorld()
      await connected(world.client)
      world.server.sockets()[0]?.disconnect(close)
      await expect.poll(() => world.server.handshakes).toHaveLength(2)
      await connected(world.client)
    },
  )

  it('sends its position with each return and drops what it has applied already', async () => {
    await using world = await setupWorld({}, (server) => {
      server.greet = (socket, auth) => {
        if (auth['position'] === undefined) {
          socket.emit('connected', greeting(5))
          socket.emit('inventory:update', update(6))
          socket.emit('inventory:lowStock', lowStock(7))
        } else {
          socket.emit('connected', greeting(7, { resumed: true }))
          socket.emit('inventory:lowStock', lowStock(7))
          socket.emit('inventory:update', update(8))
        }
      }
    })
    await expect.poll(() => world.seqs()).toEqual([6, 7])
    world.server.sockets()[0]?.conn.close()
    await expect.poll(() => world.seqs()).toEqual([6, 7, 8])
    expect(world.server.handshakes.map(({ position }) => position)).toEqual([
      undefined,
      { epoch: EPOCH, seq: 7 },
    ])
    expect(world.client.position()).toEqual({ epoch: EPOCH, seq: 8 })
  })
})

describe('what was applied', () => {
  it('is told now and then, only where it has moved, and at last before it goes', async () => {
    const told: unknown[] = []
    await using world = await setupWorld({}, (server) => {
      server.greet = (socket) => {
        keepApplied(socket, told)
        socket.emit('connected', greeting(4))
      }
    })
    await expect.poll(() => told).toEqual([{ epoch: EPOCH, seq: 4 }])
    const [socket] = world.server.sockets()
    socket?.emit('inventory:update', update(6))
    socket?.emit('inventory:update', update(9))
    await expect.poll(world.seqs).toEqual([6, 9])
    world.client.reportApplied()
    world.client.reportApplied()
    await expect.poll(() => told.slice(1)).toEqual([{ epoch: EPOCH, seq: 9 }])
    socket?.emit('inventory:update', update(10))
    await expect.poll(world.seqs).toEqual([6, 9, 10])
    world.client.stop()
    await expect.poll(() => told.slice(2)).toEqual([{ epoch: EPOCH, seq: 10 }])
  })

  it('is not told again to who was told before the connection was lost', async () => {
    const told: unknown[] = []
    await using world = await setupWorld({ position: { epoch: EPOCH, seq: 3 } }, (server) => {
      server.greet = (socket) => {
        keepApplied(socket, told)
        socket.emit('connected', greeting(3, { resumed: true }))
        socket.emit('inventory:update', update(3))
      }
    })
    await connected(world.client)
    world.client.reportApplied()
    world.server.sockets()[0]?.emit('inventory:update', update(5))
    await expect.poll(world.seqs).toEqual([5])
    world.client.stop()
    await expect.poll(() => told).toEqual([{ epoch: EPOCH, seq: 5 }])
  })
})

/** Before any listener would hear it: Socket.IO drops what comes right before a goodbye. */
const keepApplied = (socket: FakeSocket, told: unknown[]): void => {
  socket.use(([event, payload], next) => {
    if (event === 'applied') told.push(payload)
    next()
  })
}

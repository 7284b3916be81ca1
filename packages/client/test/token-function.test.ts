import { describe, expect, it } from 'vitest'
import { RealtimeError } from '../src/index.js'
import { connected, deferred, phases, setupWorld } from './support/world.js'

describe('the token function', () => {
  it('stops the client when it throws an error that is not retryable', async () => {
    await using world = await setupWorld({
      getToken: () => {
        throw new RealtimeError('SIGNED_OUT', 'gone', { retryable: false })
      },
    })
    await expect
      .poll(() => world.client.status())
      .toMatchObject({ phase: 'disconnected', code: 'SIGNED_OUT' })
  })

  it('is asked again after any other error', async () => {
    let asked = 0
    await using world = await setupWorld({
      getToken: () => {
        asked += 1
        if (asked === 1) throw new Error('token service is down')
        return 'token'
      },
    })
    await connected(world.client)
    expect(phases(world.statuses)).toContain('connecting TOKEN_UNAVAILABLE')
  })

  it('has its result ignored if the client was stopped meanwhile', async () => {
    const late = deferred<string>()
    const second = deferred<string>()
    let asked = 0
    await using world = await setupWorld({
      getToken: () => (++asked === 1 ? late.promise : second.promise),
    })
    world.client.stop()
    world.client.start()
    late.resolve('late')
    await late.promise
    second.resolve('second')
    await connected(world.client)
    expect(world.server.handshakes.map(({ token }) => token)).toEqual(['second'])
  })

  it('is asked for another token before the session expires, and the socket stays', async () => {
    const refreshed: string[] = []
    await using world = await setupWorld(
      {
        getToken: ({ staleToken }) => (staleToken === undefined ? 'first' : `after-${staleToken}`),
      },
      (server) => {
        server.answerRefresh = (token) => {
          refreshed.push(token)
          return { ok: true, sessionExpiresAt: null }
        }
      },
    )
    await connected(world.client)
    const [socket] = world.server.sockets()
    socket?.emit('auth:expiring', { expiresAt: '2026-01-01T00:00:00.000Z' })
    await expect.poll(() => refreshed).toEqual(['after-first'])
    expect(world.server.handshakes).toHaveLength(1)
    expect(world.server.sockets()[0]?.id).toBe(socket?.id)
  })

  it('is asked again when the renewal fails for the moment', async () => {
    const errors: RealtimeError[] = []
    let asked = 0
    const refreshed: string[] = []
    await using world = await setupWorld(
      {
        getToken: () => {
          asked += 1
          if (asked === 2) throw new Error('no network')
          return `token-${asked}`
        },
        onError: (error) => errors.push(error),
      },
      (server) => {
        server.answerRefresh = (token) => {
          refreshed.push(token)
          return { ok: true, sessionExpiresAt: null }
        }
      },
    )
    await connected(world.client)
    world.server.sockets()[0]?.emit('auth:expiring', { expiresAt: '2026-01-01T00:00:00.000Z' })
    await expect.poll(() => refreshed).toEqual(['token-3'])
    expect(errors.map(({ code }) => code)).toEqual(['TOKEN_UNAVAILABLE'])
  })
})

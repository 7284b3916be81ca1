import type { Position } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../src/index.js'
import { EPOCH, greeting, OTHER_EPOCH, update } from './support/fake-server.js'
import { deferred, setupWorld } from './support/world.js'

describe('snapshots', () => {
  it('holds live events back while the snapshot loads and applies only the newer ones', async () => {
    const snapshot = deferred<Snapshot>()
    const order: string[] = []
    await using world = await setupWorld(
      {
        loadSnapshot: () => snapshot.promise,
        onSnapshot: ({ position }) => order.push(`snapshot ${position.seq}`),
        onEvent: ({ payload }) => order.push(`event ${payload.seq}`),
        onMessage: (event) => order.push(event),
      },
      (server) => {
        server.greet = (socket) => {
          socket.emit('connected', greeting(5))
          for (const seq of [6, 7, 8]) socket.emit('inventory:update', update(seq))
          // Behind the events: when the note is here, they are too.
          socket.emit('private:note', { text: 'hello' })
        }
      },
    )
    await expect.poll(() => order).toEqual(['private:note'])
    expect(world.client.status().synced).toBe(false)
    snapshot.resolve({ position: { epoch: EPOCH, seq: 7 } })
    await expect.poll(() => order).toEqual(['private:note', 'snapshot 7', 'event 8'])
    expect(world.client.status().synced).toBe(true)
  })

  it('reads a snapshot on log:reset, again while it is older than the reset', async () => {
    const positions: Position[] = [
      { epoch: EPOCH, seq: 90 },
      { epoch: OTHER_EPOCH, seq: 3 },
      { epoch: OTHER_EPOCH, seq: 4 },
    ]
    const applied: Position[] = []
    const resets: string[] = []
    await using world = await setupWorld(
      {
        position: { epoch: EPOCH, seq: 80 },
        loadSnapshot: async () => ({ position: positions.shift() ?? { epoch: 'none', seq: 0 } }),
        onSnapshot: ({ position }) => applied.push(position),
        onReset: ({ reason }) => resets.push(reason),
      },
      (server) => {
        server.greet = (socket) => {
          const position = { epoch: OTHER_EPOCH, seq: 4 }
          socket.emit('connected', greeting(0, { position }))
          socket.emit('log:reset', { position, reason: 'epoch_changed' })
          socket.emit('inventory:update', update(5))
        }
      },
    )
    await expect.poll(() => world.seqs()).toEqual([5])
    expect(applied).toEqual([{ epoch: OTHER_EPOCH, seq: 4 }])
    expect(resets).toEqual(['epoch_changed'])
    expect(world.client.position()).toEqual({ epoch: OTHER_EPOCH, seq: 5 })
  })

  it('tries again when the snapshot cannot be read for the moment', async () => {
    const errors: string[] = []
    let reads = 0
    await using world = await setupWorld({
      loadSnapshot: async () => {
        reads += 1
        if (reads === 1) throw new Error('no network')
        return { position: { epoch: EPOCH, seq: 0 } }
      },
      onError: ({ code }) => errors.push(code),
    })
    await expect.poll(() => world.client.status().synced).toBe(true)
    expect(errors).toEqual(['NETWORK_ERROR'])
  })

  it('ignores a snapshot that arrives after the connection it was read for', async () => {
    const first = deferred<Snapshot>()
    const second = deferred<Snapshot>()
    const applied: number[] = []
    let reads = 0
    await using world = await setupWorld({
      loadSnapshot: () => (++reads === 1 ? first.promise : second.promise),
      onSnapshot: ({ position }) => applied.push(position.seq),
    })
    await expect.poll(() => reads).toBe(1)
    world.server.sockets()[0]?.conn.close()
    await expect.poll(() => reads).toBe(2)
    first.resolve({ position: { epoch: EPOCH, seq: 1 } })
    await first.promise
    second.resolve({ position: { epoch: EPOCH, seq: 2 } })
    await expect.poll(() => world.client.status().synced).toBe(true)
    expect(applied).toEqual([2])
  })

  it('comes back without a position when the connection ends during a reading', async () => {
    let reads = 0
    await using world = await setupWorld({
      loadSnapshot: () => {
        reads += 1
        return reads === 2
          ? new Promise<never>(() => undefined)
          : Promise.resolve({ position: { epoch: EPOCH, seq: 4 } })
      },
    })
    await expect.poll(() => world.client.position()).toEqual({ epoch: EPOCH, seq: 4 })
    world.client.reload()
    await expect.poll(() => reads).toBe(2)
    world.server.sockets()[0]?.conn.close()
    await expect.poll(() => reads).toBe(3)
    expect(world.server.handshakes[1]).not.toHaveProperty('position')
  })

  it.each([
    { role: 'doctor' as const },
    { roles: ['doctor' as const, 'pharmacist' as const] },
    { userId: 'u2' },
  ])('reads a snapshot although the log resumes when it comes back as %o', async (changes) => {
    let reads = 0
    await using world = await setupWorld(
      { loadSnapshot: async () => ({ position: { epoch: EPOCH, seq: ++reads } }) },
      (server) => {
        server.greet = (socket, { position }) => {
          if (position === undefined) socket.emit('connected', greeting(1))
          else socket.emit('connected', greeting(1, { resumed: true, ...changes }))
        }
      },
    )
    await expect.poll(() => world.client.status().synced).toBe(true)
    world.server.sockets()[0]?.conn.close()
    await expect.poll(() => world.client.position()).toEqual({ epoch: EPOCH, seq: 2 })
    expect(world.server.handshakes[1]).toHaveProperty('position')
  })

  it('reads no snapshot when the same user resumes in the same role', async () => {
    let reads = 0
    await using world = await setupWorld(
      { loadSnapshot: async () => ({ position: { epoch: EPOCH, seq: ++reads } }) },
      (server) => {
        server.greet = (socket, { position }) => {
          socket.emit('connected', greeting(1, { resumed: position !== undefined }))
        }
      },
    )
    await expect.poll(() => world.client.status().synced).toBe(true)
    world.server.sockets()[0]?.conn.close()
    await expect.poll(() => world.server.handshakes).toHaveLength(2)
    await expect.poll(() => world.client.status().synced).toBe(true)
    expect(reads).toBe(1)
  })

  it('reads a snapshot under the new right when a role is granted', async () => {
    const told: unknown[] = []
    let reads = 0
    await using world = await setupWorld({
      loadSnapshot: async () => ({ position: { epoch: EPOCH, seq: ++reads === 1 ? 1 : 5 } }),
      onRole: (role, roles) => told.push([role, ...roles]),
    })
    await expect.poll(() => world.client.status().synced).toBe(true)
    world.server
      .sockets()[0]
      ?.emit('session:role', { role: 'pharmacist', roles: ['doctor', 'pharmacist'], seq: 2 })
    await expect.poll(() => world.client.position()).toEqual({ epoch: EPOCH, seq: 5 })
    expect(told).toEqual([
      ['pharmacist', 'pharmacist'],
      ['pharmacist', 'doctor', 'pharmacist'],
    ])
    expect(world.server.handshakes).toHaveLength(1)
  })
})

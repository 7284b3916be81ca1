import { randomBytes } from 'node:crypto'
import type { Position } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { expectWithin, times } from '../test/support/long.js'
import { createTestDatabase } from '../test/support/world.js'
import { startServer } from '../test/support/server.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import { startStillClient, type StillClient } from './still-client.js'
import { residentBytes } from './rig/machine.js'
import { quantile } from './rig/statistics.js'
import { follow, type Follower } from './rig/stock-follower.js'

const SLOW = times(8, 20)
const BUFFER = 1_048_576
const READERS = 10

const setUp = async () => {
  const secret = randomBytes(48).toString('base64url')
  const database = await createTestDatabase()
  const server = await startServer({
    env: {
      JWT_SECRET: secret,
      DATABASE_URL: database.url ?? '',
      MAX_CONNECTIONS_PER_USER: '1000',
      MAX_BUFFERED_BYTES: BUFFER.toString(),
    },
  })
  // Not compressible, so that it is as large on the wire as in the table: about 50 kB an event.
  await database.query(
    `insert into inventory_items (sku, name, metadata) values ('BIG', 'Big', $1::jsonb)`,
    [JSON.stringify({ text: randomBytes(36_000).toString('base64') })],
  )
  return {
    database,
    server,
    token: signToken(secret, await addUser(database, 'pharmacist')),
    /** One change, an event of about 50 kB; resolves when it is committed. */
    change: (n: number) =>
      database.query(`update inventory_items set name = $1 where sku = 'BIG'`, [n.toString()]),
    /** Sockets that were cut as too slow, by the connection log. */
    slowConsumers: () =>
      database.query<{ at: Date }>(
        `select at from connection_log where outcome = 'closed' and code = 'SLOW_CONSUMER'`,
      ),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

const eventsIn = (frames: readonly string[]): number[] =>
  frames
    .filter((frame) => frame.startsWith('42["inventory:update"'))
    .map((frame) => (JSON.parse(frame.slice(2)) as [string, { seq: number }])[1].seq)

const positionIn = (frames: readonly string[]): Position => {
  const frame = frames.find((candidate) => candidate.startsWith('42["connected"')) ?? '42[{},{}]'
  return (JSON.parse(frame.slice(2)) as [string, { position: Position }])[1].position
}

describe('clients that stop reading', () => {
  it('are cut, cost the others nothing, and come back without a gap', async () => {
    await using world = await setUp()
    const { server, token, change } = world
    const readers: Follower[] = []
    const still: StillClient[] = []
    let poured = 0
    try {
      for (let n = 0; n < READERS; n += 1) readers.push(follow(server.url, token))
      await expect.poll(() => readers.every(({ connects }) => connects() === 1)).toBe(true)
      const latencies = () => readers.flatMap(({ latenciesMs }) => latenciesMs.splice(0))

      /** Commits changes, a few at a time: no more before all that read have them. */
      const pour = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n += 1) {
          await change(n)
          poured += 1
          if (n % 20 === 19) await allHave(poured)
        }
      }
      const allHave = (count: number) =>
        expect.poll(() => readers.every(({ seqs }) => seqs.length === count)).toBe(true)
      await pour(60)
      latencies()
      await pour(100)
      const before = latencies()
      const rssBefore = residentBytes(server.pid)

      for (let n = 0; n < SLOW; n += 1) still.push(await startStillClient(server.url, { token }))
      let rssPeak = 0
      const during: number[] = []
      const most = poured + 600
      // The kernel takes megabytes for a client that does not read before the first byte waits in the server.
      while (poured < most && (await world.slowConsumers()).length < SLOW) {
        await pour(20)
        rssPeak = Math.max(rssPeak, residentBytes(server.pid))
        during.push(...latencies())
      }
      await expect.poll(world.slowConsumers).toHaveLength(SLOW)
      // 1 MiB each and what the buffers of events in flight take.
      expect(rssPeak - rssBefore).toBeLessThan(100 * 1_048_576)
      // Those who read were neither cut nor left out.
      expect(readers.map(({ connects }) => connects())).toEqual(readers.map(() => 1))
      expectWithin(
        Math.max(2 * quantile(before, 0.99), 100),
        quantile(during, 0.99),
        'The 99th percentile of a delivery to those who read',
      )

      // What came before the cut, then from there on: each number once, none left out.
      const back: Follower[] = []
      const seen: number[][] = []
      for (const client of still) {
        client.readOn()
        await expect.poll(client.endedAfterMs).toBeDefined()
        const seqs = eventsIn(client.frames)
        seen.push(seqs)
        const start = positionIn(client.frames)
        const position = { epoch: start.epoch, seq: seqs.at(-1) ?? start.seq }
        const follower = follow(server.url, token, position)
        back.push(follower)
        readers.push(follower)
        follower.seqs.push(...seqs)
      }
      const [head] = await world.database.query<{ seq: number }>('select seq from log_head')
      await expect.poll(() => back.filter(({ seqs }) => seqs.at(-1) !== head?.seq).length).toBe(0)
      for (const [index, { seqs, resets }] of back.entries()) {
        const first = positionIn(still[index]?.frames ?? []).seq + 1
        expect(resets).toEqual([])
        expect(seqs).toEqual(seqs.map((_, offset) => first + offset))
      }
    } finally {
      for (const { socket } of readers) socket.disconnect()
      for (const client of still) client.destroy()
    }
  })

  it('are cut when they stop in the middle of what they missed', async () => {
    await using world = await setUp()
    const { server, token, database } = world
    const first = await startStillClient(server.url, { token })
    const position = positionIn(first.frames)
    first.destroy()
    // Together more than the kernel takes; a part at a time less than a socket may queue.
    await database.query(
      `insert into inventory_items (sku, name, metadata)
       select 'S' || n, 'x', jsonb_build_object('text', left(metadata ->> 'text', 6000))
       from inventory_items, generate_series(1, 95) as n`,
    )
    for (let n = 0; n < 19; n += 1) {
      await database.query(`update inventory_items set name = $1 where sku <> 'BIG'`, [
        n.toString(),
      ])
    }
    const client = await startStillClient(server.url, { token, position })
    try {
      // Not by the heartbeat, which takes 45 s and asks for a pong only.
      await expect.poll(world.slowConsumers).toHaveLength(1)
      client.readOn()
      await expect.poll(client.endedAfterMs).toBeDefined()
      const seqs = eventsIn(client.frames)
      expect(seqs).toEqual(seqs.map((_, offset) => position.seq + 1 + offset))
      expect(seqs.length).toBeLessThan(95 * 20)
    } finally {
      client.destroy()
    }
  })
})

describe('a client that reads', () => {
  it('is not taken for a slow one while it catches up with large events', async () => {
    await using world = await setUp()
    const { server, token, change, database } = world
    const first = await startStillClient(server.url, { token })
    const position = positionIn(first.frames)
    first.destroy()
    // 20 MB, in parts of 200 entries far more than a socket may queue.
    for (let n = 0; n < 400; n += 1) await change(n)
    const follower = follow(server.url, token, position)
    try {
      for (let n = 0; n < 40; n += 1) await change(n)
      const [head] = await database.query<{ seq: number }>('select seq from log_head')
      await expect.poll(() => follower.seqs.at(-1)).toBe(head?.seq)
      expect(follower.seqs).toEqual(follower.seqs.map((_, offset) => position.seq + 1 + offset))
      expect(await world.slowConsumers()).toEqual([])
      expect(follower.connects()).toBe(1)
    } finally {
      follower.socket.disconnect()
    }
  })

  it('is not taken for a slow one when one commit changes 1,500 items', async () => {
    await using world = await setUp()
    const { server, token, database } = world
    await database.query(
      `insert into inventory_items (sku, name, metadata)
       select 'S' || n, 'Item ' || n, jsonb_build_object('note', repeat('word ', 300))
       from generate_series(1, 1500) as n`,
    )
    const followers = Array.from({ length: 10 }, () => follow(server.url, token))
    try {
      await expect.poll(() => followers.every(({ connects }) => connects() === 1)).toBe(true)
      await database.query(`update inventory_items set unit = 'box' where sku <> 'BIG'`)
      const [head] = await database.query<{ seq: number }>('select seq from log_head')
      await expect
        .poll(() => followers.filter(({ seqs }) => seqs.at(-1) !== head?.seq).length)
        .toBe(0)
      expect(await world.slowConsumers()).toEqual([])
    } finally {
      for (const { socket } of followers) socket.disconnect()
    }
  })
})

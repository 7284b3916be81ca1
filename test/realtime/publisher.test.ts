import { Server } from 'socket.io'
import { expect, it } from 'vitest'
import type { Freshness } from '../../src/log/tail.js'
import { createPublisher } from '../../src/realtime/publisher.js'

/** A publisher whose node knows what the test says; `confirms` is what a read of the log would make of it. */
const setupPublisher = (freshness: Freshness) => {
  const io = new Server()
  const sent: unknown[] = []
  io.of('/').adapter.broadcast = (packet: { readonly data: unknown }) => sent.push(packet.data)
  const state = { freshness, confirms: true }
  const dropped: unknown[] = []
  const publisher = createPublisher(io, {
    knowledge: {
      freshness: () => state.freshness,
      confirm: async () => {
        await new Promise(setImmediate)
        if (state.confirms) state.freshness = 'fresh'
        return state.confirms
      },
    },
    onDropped: (_direction, error) => dropped.push(error),
  })
  return { publisher, sent, state, dropped }
}

const sendsOf = ({ publisher }: ReturnType<typeof setupPublisher>) => [
  () => publisher.sendToAll('shift', { n: 1 }),
  () => publisher.sendToUser('u-1', 'shift', { n: 2 }),
  () => publisher.sendToRole('doctor', 'shift', { n: 3 }),
  () => publisher.broadcastToRoom('ward', 'shift', { n: 4 }),
]
const ALL = [1, 2, 3, 4].map((n) => ['shift', { n }])

it('sends nothing, by any of its functions, while its node cannot confirm what it knows', () => {
  const world = setupPublisher('stale')
  for (const send of sendsOf(world)) {
    expect(send).toThrow(expect.objectContaining({ code: 'AUTH_STALE' }) as Error)
  }
  expect(world.sent).toEqual([])

  world.state.freshness = 'fresh'
  for (const send of sendsOf(world)) send()
  expect(world.sent).toEqual(ALL)
})

it('holds what is sent after a standstill until its node has confirmed what it knows, in order', async () => {
  const world = setupPublisher('unconfirmed')
  for (const send of sendsOf(world)) send()
  expect(world.sent).toEqual([])
  await expect.poll(() => world.sent).toEqual(ALL)
  expect(world.dropped).toEqual([])
})

it('drops, and says so, what it held where nothing can be confirmed', async () => {
  const world = setupPublisher('unconfirmed')
  world.state.confirms = false
  for (const send of sendsOf(world)) send()
  await expect.poll(() => world.dropped).toHaveLength(4)
  expect(world.sent).toEqual([])
})

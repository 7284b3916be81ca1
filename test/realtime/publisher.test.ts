import { Server } from 'socket.io'
import { expect, it } from 'vitest'
import { createPublisher } from '../../src/realtime/publisher.js'

it('sends nothing, by any of its functions, while its node cannot confirm what it knows', async () => {
  const io = new Server()
  const sent: unknown[] = []
  io.of('/').adapter.broadcast = (packet: { readonly data: unknown }) => sent.push(packet.data)
  let isFresh = false
  const publisher = createPublisher(io, { isFresh: () => isFresh })
  const sends = [
    () => publisher.sendToAll('shift', {}),
    () => publisher.sendToUser('u-1', 'shift', {}),
    () => publisher.sendToRole('doctor', 'shift', {}),
    () => publisher.broadcastToRoom('ward', 'shift', {}),
  ]
  for (const send of sends) {
    expect(send).toThrow(expect.objectContaining({ code: 'AUTH_STALE' }) as Error)
  }
  expect(sent).toEqual([])

  isFresh = true
  for (const send of sends) send()
  expect(sent).toHaveLength(4)
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { PublicEntry } from '../../src/log/entry.js'
import { createFrames } from '../../src/realtime/frames.js'

const entryOf = (sku: string): PublicEntry => ({
  seq: 1,
  name: 'inventory:update',
  audience: 'stock',
  // The frames do not look into it.
  payload: { sku } as never,
  at: new Date(0),
})

/** What the WebSocket library of most clients makes of the bytes. */
const read = async (bytes: Buffer, count: number): Promise<string[]> => {
  const server = createServer().listen(0, '127.0.0.1')
  server.on('upgrade', (request, tcp, head) => {
    new WebSocketServer({ noServer: true }).handleUpgrade(request, tcp, head, () => {
      tcp.write(bytes)
    })
  })
  await once(server, 'listening')
  // A server that listens on TCP has an address of this shape.
  const { port } = server.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port.toString()}`)
  const messages: string[] = []
  client.on('message', (data: Buffer) => messages.push(data.toString()))
  await expect.poll(() => messages.length).toBe(count)
  client.terminate()
  server.close()
  await once(server, 'close')
  return messages
}

// Around the lengths at which RFC 6455 section 5.2 changes the header; 29 characters are not the sku.
const LENGTHS = [0, 125, 126, 127, 65_535, 65_536, 200_000].map((size) => Math.max(size - 29, 0))

it.each(LENGTHS)('is read by a client, with %i characters, among others', async (length) => {
  const entries = ['first', 'é'.repeat(3), 'x'.repeat(length), 'last'].map(entryOf)
  const frameOf = createFrames()

  const messages = await read(Buffer.concat(entries.map(frameOf)), entries.length)

  expect(messages).toEqual(
    entries.map(({ payload }) => `42["inventory:update",${JSON.stringify(payload)}]`),
  )
})

it('makes the frame of an entry once', () => {
  const frameOf = createFrames()
  const entry = entryOf('AMOX')

  expect(frameOf(entry)).toBe(frameOf(entry))
  expect(frameOf(entryOf('AMOX'))).not.toBe(frameOf(entry))
})

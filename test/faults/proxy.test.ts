import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createProxy, type Proxy } from '../../e2e/rig/proxy.js'
import { createRandom } from '../../e2e/rig/random.js'

const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A server that sends back what it gets, behind a proxy, and a client of it. */
const world = async (): Promise<{ proxy: Proxy; client: () => Promise<Client> }> => {
  const peers = new Set<Socket>()
  const server = createServer((socket) => {
    peers.add(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    for (const peer of peers) peer.destroy()
    server.close()
    await once(server, 'close')
  })
  // A server that listens on TCP has an address of this shape.
  const targetPort = (server.address() as AddressInfo).port
  const proxy = await createProxy({ targetPort, random: createRandom(1) })
  closers.push(() => proxy.close())
  return {
    proxy,
    async client() {
      const socket = connect(proxy.port, '127.0.0.1')
      const seen = { text: '', end: '' }
      socket.on('data', (chunk: Buffer) => (seen.text += chunk.toString()))
      socket.on('end', () => (seen.end = 'FIN'))
      socket.on('error', () => (seen.end = 'RST'))
      closers.push(async () => socket.destroy())
      await once(socket, 'connect')
      return { socket, seen }
    },
  }
}

interface Client {
  readonly socket: Socket
  readonly seen: { text: string; end: string }
}

describe('the fault proxy', () => {
  it('passes bytes both ways', async () => {
    const { client } = await world()
    const { socket, seen } = await client()
    socket.write('hello')
    await expect.poll(() => seen.text).toBe('hello')
  })

  it('swallows bytes in a blackhole, and lets them go on after it', async () => {
    const { proxy, client } = await world()
    const before = await client()
    before.socket.write('one ')
    await expect.poll(() => before.seen.text).toBe('one ')
    proxy.setMode({ kind: 'blackhole' })
    const during = await client()
    before.socket.write('two')
    during.socket.write('new')
    await new Promise((resolve) => setImmediate(resolve))
    expect(before.seen.text).toBe('one ')
    proxy.setMode({ kind: 'pass' })
    await expect.poll(() => [before.seen.text, during.seen.text]).toEqual(['one two', 'new'])
  })

  it('keeps the order of bytes that it delays unevenly', async () => {
    const { proxy, client } = await world()
    proxy.setMode({ kind: 'delay', ms: 1, jitterMs: 10 })
    const { socket, seen } = await client()
    const words = Array.from({ length: 50 }, (_, index) => `${String(index)} `)
    for (const word of words) {
      socket.write(word)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(() => seen.text).toBe(words.join(''))
  })

  it('cuts inside what is sent', async () => {
    const { proxy, client } = await world()
    proxy.setMode({ kind: 'stop-after', bytes: 3 })
    const { socket, seen } = await client()
    socket.write('hello')
    await expect.poll(() => seen.end).not.toBe('')
    expect(seen.text.length).toBeLessThanOrEqual(3)
  })

  it('refuses who is there and whoever comes, until it passes again', async () => {
    const { proxy, client } = await world()
    const before = await client()
    before.socket.write('hello')
    await expect.poll(() => before.seen.text).toBe('hello')
    proxy.setMode({ kind: 'refuse' })
    // The reset may come before the client has seen that it is connected.
    const during = await client().then(
      ({ seen }) => seen,
      () => ({ end: 'RST' }),
    )
    await expect.poll(() => [before.seen.end, during.end]).toEqual(['RST', 'RST'])
    proxy.setMode({ kind: 'pass' })
    const after = await client()
    after.socket.write('again')
    await expect.poll(() => after.seen.text).toBe('again')
  })

  it('sends those who come from now on to another target', async () => {
    const { proxy, client } = await world()
    const before = await client()
    const other = await world()
    proxy.setTarget(other.proxy.port)
    other.proxy.setMode({ kind: 'stop-after', bytes: 3 })
    const after = await client()
    for (const { socket } of [before, after]) socket.write('hello')
    await expect.poll(() => before.seen.text).toBe('hello')
    await expect.poll(() => after.seen.end).not.toBe('')
    expect(after.seen.text.length).toBeLessThanOrEqual(3)
  })

  it.each(['rst', 'fin'] as const)('ends connections by %s', async (how) => {
    const { proxy, client } = await world()
    const { socket, seen } = await client()
    socket.write('hello')
    await expect.poll(() => seen.text).toBe('hello')
    expect(proxy.cut(1, how)).toBe(1)
    await expect.poll(() => seen.end).toBe(how.toUpperCase())
  })
})

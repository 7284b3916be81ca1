import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createRestClient, RealtimeError } from '../src/index.js'
import { EPOCH, item } from './support/fake-server.js'

interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
type Answer = readonly [status: number, body?: unknown, headers?: Record<string, string>] | 'cut'

const setupServer = async (answers: readonly Answer[], signal?: AbortSignal) => {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const answer = answers[received.length] ?? [500]
      received.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body,
      })
      if (answer === 'cut') {
        request.socket.destroy()
        return
      }
      const [status, answered, headers] = answer
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(answered === undefined ? undefined : JSON.stringify(answered))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an AddressInfo; the type also covers pipes.
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    baseUrl,
    received,
    rest: createRestClient({
      baseUrl,
      getToken: ({ staleToken }) => (staleToken === undefined ? 'old' : 'new'),
      random: () => 0,
      signal,
    }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const problem = (status: number, code: string, more: object = {}): Answer => [
  status,
  { type: 'about:blank', title: code, status, code, retryable: status === 503, ...more },
]

describe('the REST client', () => {
  it('keeps the Idempotency-Key over retries and makes another for the next call', async () => {
    const done: Answer = [200, { item: item('a', 1), lotsConsumed: [] }]
    await using world = await setupServer(['cut', problem(503, 'SERVER_UNAVAILABLE'), done, done])
    await world.rest.inventory.consume('a', { quantity: 2 })
    await world.rest.inventory.consume('a', { quantity: 2 })
    const keys = world.received.map(({ headers }) => headers['idempotency-key'])
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]])
    expect(keys[3]).not.toBe(keys[0])
  })

  it('repeats an earlier call under its key', async () => {
    await using world = await setupServer([[200, { item: item('a', 1), lotsConsumed: [] }]])
    await world.rest.inventory.consume('a', { quantity: 2 }, { idempotencyKey: 'of-before' })
    expect(world.received[0]?.headers['idempotency-key']).toBe('of-before')
  })

  it('turns problem details into an error with code, status and the numbers', async () => {
    await using world = await setupServer([
      problem(409, 'INVENTORY_INSUFFICIENT_STOCK', { requested: 9, available: 4 }),
    ])
    const error: unknown = await world.rest.inventory
      .consume('a', { quantity: 9 })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RealtimeError)
    expect(error).toMatchObject({
      code: 'INVENTORY_INSUFFICIENT_STOCK',
      status: 409,
      retryable: false,
      details: { requested: 9, available: 4 },
    })
    expect(world.received).toHaveLength(1)
  })

  it('believes the body about retrying, against the status', async () => {
    await using world = await setupServer([
      problem(409, 'IDEMPOTENCY_IN_PROGRESS', { retryable: true }),
      problem(429, 'CODE_OF_A_NEWER_SERVER', { retryable: false }),
    ])
    await expect(world.rest.inventory.consume('a', { quantity: 1 })).rejects.toMatchObject({
      code: 'CODE_OF_A_NEWER_SERVER',
    })
    expect(world.received).toHaveLength(2)
  })

  it('replaces a token once that is refused for its age, whatever the code', async () => {
    await using world = await setupServer([
      problem(401, 'CODE_OF_A_NEWER_SERVER', { retryable: true, needsNewToken: true }),
      problem(401, 'CODE_OF_A_NEWER_SERVER', { retryable: true, needsNewToken: true }),
    ])
    await expect(world.rest.me()).rejects.toMatchObject({ needsNewToken: true })
    expect(world.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
    ])
  })

  it('does not repeat what is neither a GET nor keyed', async () => {
    await using world = await setupServer(['cut'])
    await expect(world.rest.users.revoke('u1')).rejects.toMatchObject({
      code: 'NETWORK_ERROR',
      retryable: true,
    })
    expect(world.received).toHaveLength(1)
  })

  it('gives up after four attempts', async () => {
    await using world = await setupServer(['cut', 'cut', 'cut', 'cut', 'cut'])
    await expect(world.rest.me()).rejects.toMatchObject({ code: 'NETWORK_ERROR' })
    expect(world.received).toHaveLength(4)
  })

  it('stops waiting for a server that is away when it is told to, and asks no more', async () => {
    const stop = new AbortController()
    const away = problem(503, 'SERVER_UNAVAILABLE', { retryAfterMs: 600_000 })
    await using world = await setupServer([away], stop.signal)
    const outcome = expect(world.rest.me()).rejects.toThrow('aborted')
    await expect.poll(() => world.received.length).toBe(1)
    stop.abort()
    await outcome
    await expect(world.rest.me()).rejects.toThrow('aborted')
    expect(world.received).toHaveLength(1)
  })

  it('reads the whole stock over pages, at the position of the first', async () => {
    await using world = await setupServer([
      [200, { items: [item('a', 1)], nextCursor: 'n', position: { epoch: EPOCH, seq: 5 } }],
      [200, { items: [item('b', 2)], nextCursor: null, position: { epoch: EPOCH, seq: 6 } }],
    ])
    const snapshot = await world.rest.inventory.snapshot()
    expect(snapshot.items.map(({ sku }) => sku)).toEqual(['a', 'b'])
    expect(snapshot.position.seq).toBe(5)
    expect(world.received.map(({ url }) => url)).toEqual([
      '/api/inventory?limit=500',
      '/api/inventory?limit=500&cursor=n',
    ])
  })

  it('escapes what goes into a path and takes 204 for done', async () => {
    await using world = await setupServer([[204]])
    await world.rest.closeConnection('a/b c')
    expect(world.received[0]).toMatchObject({
      method: 'DELETE',
      url: '/api/connections/a%2Fb%20c',
    })
  })

  it('takes a bare 502 of a proxy for later', async () => {
    await using world = await setupServer([
      [502, undefined, { 'retry-after': '0' }],
      [200, []],
    ])
    await expect(world.rest.me()).resolves.toEqual([])
  })
})

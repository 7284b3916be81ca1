import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createClinicApi } from '../../src/demo/clinic-api.js'

const credentials = { username: 'samuel.okello', password: 'a password' }
const answerSchema = z.object({ done: z.literal(true) })
const done = { status: 200, body: { done: true } }

describe('createClinicApi', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('logs in once and sends the token with every request', async () => {
    await using server = await startServer([login('first', 900), done, done])
    const api = apiOf(server.url)
    await api.get('/api/one', answerSchema)
    await api.get('/api/two', answerSchema)

    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/auth/login',
      '/api/one',
      '/api/two',
    ])
    expect(server.requests[0]?.body).toEqual(credentials)
    expect(server.requests[2]?.headers.authorization).toBe('Bearer first')
    expect(api.requestCount()).toBe(3)
  })

  it('repeats a change that met an overloaded server under the same Idempotency-Key', async () => {
    const overloaded = problem(503, 'SERVER_UNAVAILABLE', { retryAfterMs: 1 })
    await using server = await startServer([overloaded, overloaded, done, done])
    const api = createClinicApi({ baseUrl: server.url, auth: { token: () => 't' }, signal })
    expect(await api.post('/api/change', { quantity: 1 }, answerSchema)).toMatchObject({ ok: true })
    await api.post('/api/change', { quantity: 1 }, answerSchema)

    const keys = server.requests.map(({ headers }) => headers['idempotency-key'])
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]])
    expect(keys[3]).not.toBe(keys[0])
  })

  it('repeats a change whose connection was lost', async () => {
    await using server = await startServer(['hang up', done])
    const api = createClinicApi({ baseUrl: server.url, auth: { token: () => 't' }, signal })
    expect(await api.post('/api/change', {}, answerSchema)).toMatchObject({ ok: true })
    expect(server.requests).toHaveLength(2)
  })

  it('refreshes a token that is about to end', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await using server = await startServer([login('first', 900), done, login('second', 900), done])
    const api = apiOf(server.url)
    await api.get('/api/one', answerSchema)
    vi.setSystemTime(Date.now() + 875_000)
    await api.get('/api/two', answerSchema)

    expect(server.requests[2]).toMatchObject({
      path: '/api/auth/refresh',
      body: { refreshToken: 'refresh of first' },
    })
    expect(server.requests[3]?.headers.authorization).toBe('Bearer second')
  })

  it('logs in again when its token is refused', async () => {
    const revoked = problem(401, 'AUTH_SESSION_REVOKED')
    await using server = await startServer([
      login('first', 900),
      revoked,
      login('second', 900),
      done,
    ])
    expect(await apiOf(server.url).get('/api/one', answerSchema)).toMatchObject({ ok: true })
    expect(server.requests[3]?.headers.authorization).toBe('Bearer second')
  })

  it('hands a refusal to its caller with what the server says of it', async () => {
    const short = problem(409, 'INVENTORY_INSUFFICIENT_STOCK', { requested: 9, available: 4 })
    await using server = await startServer([login('first', 900), short])
    expect(await apiOf(server.url).post('/api/consume', {}, answerSchema)).toMatchObject({
      ok: false,
      problem: { code: 'INVENTORY_INSUFFICIENT_STOCK', available: 4 },
    })
  })

  it('says who may play when the role does not allow it', async () => {
    await using server = await startServer([login('first', 900), problem(403, 'AUTH_FORBIDDEN')])
    await expect(apiOf(server.url).post('/api/consume', {}, answerSchema)).rejects.toThrow(
      'AUTH_FORBIDDEN: AUTH_FORBIDDEN title (be an admin, inventory_manager or pharmacist)',
    )
  })

  it('names the flags when the password is wrong, and not the password', async () => {
    await using server = await startServer([problem(401, 'AUTH_CREDENTIALS_INVALID')])
    await expect(apiOf(server.url).get('/api/one', answerSchema)).rejects.toThrow(
      'The server refused the password of samuel.okello: check --username and --password',
    )
  })

  it('stops waiting for a server that is away when it is told to', async () => {
    const stop = new AbortController()
    const overloaded = problem(503, 'SERVER_UNAVAILABLE', { retryAfterMs: 600_000 })
    await using server = await startServer([overloaded])
    const api = createClinicApi({
      baseUrl: server.url,
      auth: { token: () => 't' },
      signal: stop.signal,
    })
    const call = api.get('/api/one', answerSchema)
    const outcome = expect(call).rejects.toThrow('aborted')
    await expect.poll(() => server.requests.length).toBe(1)
    stop.abort()
    await outcome
  })
})

const { signal } = new AbortController()

type Answer = { readonly status: number; readonly body: object } | 'hang up'

function apiOf(baseUrl: string) {
  return createClinicApi({ baseUrl, auth: credentials, signal })
}

function login(accessToken: string, expiresIn: number): Answer {
  return {
    status: 200,
    body: { accessToken, expiresIn, refreshToken: `refresh of ${accessToken}` },
  }
}

function problem(status: number, code: string, members: object = {}): Answer {
  return { status, body: { type: 'about:blank', title: `${code} title`, status, code, ...members } }
}

/** A server that gives these answers in turn and keeps what it was asked. */
async function startServer(answers: readonly Answer[]) {
  const requests: { path: string; headers: IncomingHttpHeaders; body: unknown }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = answers[requests.length]
      requests.push({
        path: request.url ?? '',
        headers: request.headers,
        body: body === '' ? undefined : JSON.parse(body),
      })
      if (answer === undefined || answer === 'hang up') {
        request.socket.destroy()
        return
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer.body))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an AddressInfo; the type also covers pipes.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port.toString()}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

import { describe, expect, it } from 'vitest'
import { createSessionTokens, type RefreshTokenStorage } from '../src/index.js'
import { deferred } from './support/world.js'

const user = {
  id: 'u1',
  username: 'asha',
  email: 'asha@clinic.example',
  role: 'pharmacist',
  isActive: true,
  createdAt: '2026-01-01T00:00:00.000Z',
}

const setupSession = () => {
  let nowMs = 1_000_000
  let issued = 0
  const requests: { path: string; body: unknown; authorization: string | null }[] = []
  const users: (string | null)[] = []
  const gate: { wait?: Promise<void>; refuse?: Response } = {}
  let stored: string | null = null
  const storage: RefreshTokenStorage = {
    read: () => stored,
    write: (refreshToken) => {
      stored = refreshToken
    },
  }
  const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })
  const fakeFetch: typeof fetch = async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
    requests.push({ path, body, authorization: new Headers(init?.headers).get('authorization') })
    if (path === '/api/auth/logout') return new Response(null, { status: 204 })
    if (path === '/api/auth/me') return json(user)
    if (path === '/api/auth/refresh') {
      await gate.wait
      if (gate.refuse !== undefined) return gate.refuse.clone()
    }
    issued += 1
    const tokens = { accessToken: `access-${issued}`, refreshToken: `refresh-${issued}` }
    return json({ ...tokens, expiresIn: 900, ...(path.endsWith('login') ? { user } : {}) })
  }
  const session = createSessionTokens({
    baseUrl: 'http://clinic.example',
    fetch: fakeFetch,
    storage,
    now: () => nowMs,
    onUser: (next) => users.push(next?.username ?? null),
  })
  return {
    session,
    requests,
    users,
    storage,
    gate,
    /** What something on the way answers in the server's place. */
    foreign: (status: number, body = '<html>Please accept our terms</html>') =>
      new Response(body, { status, headers: { 'content-type': 'text/html' } }),
    refused: (status: number, code: string) =>
      json({ code, title: code, status, retryable: status === 503 }, status),
    pass: (ms: number) => {
      nowMs += ms
    },
    refreshes: () => requests.filter(({ path }) => path === '/api/auth/refresh'),
  }
}

const any = { staleToken: undefined }

describe('session tokens', () => {
  it('gives the same token while it is good and a new one shortly before it expires', async () => {
    const { session, pass, refreshes } = setupSession()
    await session.login('asha', 'secret')
    expect(await session.getToken(any)).toBe('access-1')
    pass(889_000)
    expect(await session.getToken(any)).toBe('access-1')
    pass(1_001)
    expect(await session.getToken(any)).toBe('access-2')
    expect(refreshes().map(({ body }) => body)).toEqual([{ refreshToken: 'refresh-1' }])
  })

  it('rotates the refresh token', async () => {
    const { session, refreshes, storage } = setupSession()
    await session.login('asha', 'secret')
    await session.getToken({ staleToken: 'access-1' })
    await session.getToken({ staleToken: 'access-2' })
    expect(refreshes().map(({ body }) => body)).toEqual([
      { refreshToken: 'refresh-1' },
      { refreshToken: 'refresh-2' },
    ])
    expect(storage.read()).toBe('refresh-3')
  })

  it('refreshes once for all who ask at the same time', async () => {
    const { session, refreshes } = setupSession()
    await session.login('asha', 'secret')
    const stale = { staleToken: 'access-1' }
    expect(
      await Promise.all([
        session.getToken(stale),
        session.getToken(stale),
        session.getToken(stale),
      ]),
    ).toEqual(['access-2', 'access-2', 'access-2'])
    expect(await session.getToken(stale)).toBe('access-2')
    expect(refreshes()).toHaveLength(1)
  })

  it('is over when the server refuses the refresh token', async () => {
    const { session, gate, refused, users, storage } = setupSession()
    await session.login('asha', 'secret')
    gate.refuse = refused(401, 'AUTH_REFRESH_INVALID')
    await expect(session.getToken({ staleToken: 'access-1' })).rejects.toMatchObject({
      code: 'AUTH_REFRESH_INVALID',
      retryable: false,
    })
    await expect(session.getToken(any)).rejects.toMatchObject({ code: 'SIGNED_OUT' })
    expect(users).toEqual(['asha', null])
    expect(storage.read()).toBeNull()
  })

  it('lives on when the server cannot answer for the moment', async () => {
    const { session, gate, refused, users } = setupSession()
    await session.login('asha', 'secret')
    gate.refuse = refused(503, 'SERVER_UNAVAILABLE')
    await expect(session.getToken({ staleToken: 'access-1' })).rejects.toMatchObject({
      retryable: true,
    })
    expect(await session.getToken(any)).toBe('access-1')
    expect(users).toEqual(['asha'])
  })

  it.each([
    [200, undefined],
    [200, '{"welcome":true}'],
    [401, undefined],
    [403, 'null'],
    [404, undefined],
    [511, undefined],
  ])('lives on when the log-in page of a network answers %i %s', async (status, body) => {
    const { session, gate, foreign, users, storage } = setupSession()
    await session.login('asha', 'secret')
    gate.refuse = foreign(status, body)
    await expect(session.getToken({ staleToken: 'access-1' })).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      retryable: true,
      fromService: false,
    })
    expect(storage.read()).toBe('refresh-1')
    expect(users).toEqual(['asha'])
  })

  it('begins with the stored refresh token once the network is back after a reload', async () => {
    const { session, gate, refused, storage } = setupSession()
    storage.write('refresh-of-before')
    gate.refuse = refused(503, 'SERVER_UNAVAILABLE')
    await expect(session.restore()).rejects.toMatchObject({ retryable: true })
    await expect(session.getToken(any)).rejects.toMatchObject({ retryable: true })
    delete gate.refuse
    expect(await session.getToken(any)).toBe('access-1')
  })

  it('is not revived by a refresh that answers after the log-out', async () => {
    const { session, gate, storage } = setupSession()
    const opened = deferred<undefined>()
    await session.login('asha', 'secret')
    gate.wait = opened.promise
    const late = session.getToken({ staleToken: 'access-1' })
    await session.logout()
    opened.resolve(undefined)
    await expect(late).rejects.toMatchObject({ code: 'SIGNED_OUT' })
    expect(storage.read()).toBeNull()
    await expect(session.getToken(any)).rejects.toMatchObject({ code: 'SIGNED_OUT' })
  })

  it('tells the server of the log-out with both tokens', async () => {
    const { session, requests } = setupSession()
    await session.login('asha', 'secret')
    await session.logout()
    expect(requests.at(-1)).toEqual({
      path: '/api/auth/logout',
      body: { refreshToken: 'refresh-1' },
      authorization: 'Bearer access-1',
    })
  })

  it('goes on after a reload with the stored refresh token', async () => {
    const { session, storage, users, refreshes } = setupSession()
    expect(await session.restore()).toBeNull()
    storage.write('refresh-of-before')
    expect((await session.restore())?.username).toBe('asha')
    expect(refreshes()[0]?.body).toEqual({ refreshToken: 'refresh-of-before' })
    expect(users).toEqual(['asha'])
  })
})

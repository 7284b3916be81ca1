import { describe, expect, it, vi } from 'vitest'
import { createAuthFailures } from '../../src/auth/failure-limit.js'
import { AppError } from '../../src/errors/app-error.js'
import { as, createFakeApi, type FakeApi } from './fake-api.js'

const limited = (perMinute: number) =>
  createFakeApi(() => ({ authFailures: createAuthFailures({ perMinute }) }))

const forged = { authorization: 'Bearer forged' }

const login = async (api: FakeApi, username: string, remoteAddress = '127.0.0.1') =>
  api.app.inject({
    method: 'POST',
    url: '/api/auth/login',
    remoteAddress,
    payload: { username, password: 'a guess' },
  })

const refuseLogins = (api: FakeApi): void => {
  api.deps.login.login.mockImplementation(async () => {
    throw new AppError('AUTH_CREDENTIALS_INVALID')
  })
}

describe('the limit of failures', () => {
  it('refuses an address unseen after too many forged tokens, whatever it brings then', async () => {
    await using api = await limited(3)
    const me = async (headers: Record<string, string>, remoteAddress = '192.0.2.1') =>
      api.app.inject({ url: '/api/auth/me', headers, remoteAddress })
    for (let i = 0; i < 3; i += 1) expect((await me(forged)).statusCode).toBe(401)
    const verify = vi.spyOn(api.deps.admission, 'verify')

    const refused = await me(as('admin'))
    expect(refused.statusCode).toBe(429)
    expect(refused.json()).toMatchObject({ code: 'RATE_LIMITED', retryable: true })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
    expect(verify).not.toHaveBeenCalled()
    expect((await me(as('admin'), '192.0.2.2')).statusCode).toBe(200)
    expect(
      (await api.app.inject({ url: '/health/live', remoteAddress: '192.0.2.1' })).statusCode,
    ).toBe(200)
  })

  it('does not count missing, expired or forbidden', async () => {
    await using api = await limited(2)
    for (const headers of [{}, { authorization: 'Bearer expired' }, as('patient')]) {
      for (let i = 0; i < 4; i += 1) {
        const { statusCode } = await api.app.inject({ url: '/api/users', headers })
        expect(statusCode).not.toBe(429)
      }
    }
  })

  it('lets no more through when the guesses come all at once', async () => {
    await using api = await limited(5)
    refuseLogins(api)
    await Promise.all(Array.from({ length: 100 }, () => login(api, 'asha')))
    expect(api.deps.login.login).toHaveBeenCalledTimes(5)
  })

  it('costs who logs in rightly nothing', async () => {
    await using api = await limited(2)
    for (let i = 0; i < 6; i += 1) expect((await login(api, 'asha')).statusCode).toBe(200)
  })

  it('does not count an outage', async () => {
    await using api = await limited(2)
    api.deps.login.login.mockImplementation(async () => {
      throw new AppError('SERVER_UNAVAILABLE')
    })
    for (let i = 0; i < 6; i += 1) expect((await login(api, 'asha')).statusCode).toBe(503)
  })

  it('counts refresh tokens that are made up', async () => {
    await using api = await limited(2)
    api.deps.login.refresh.mockImplementation(async () => {
      throw new AppError('AUTH_REFRESH_INVALID')
    })
    const refresh = async () =>
      api.app.inject({ method: 'POST', url: '/api/auth/refresh', payload: { refreshToken: 'x' } })
    expect((await refresh()).statusCode).toBe(401)
    expect((await refresh()).statusCode).toBe(401)
    expect((await refresh()).statusCode).toBe(429)
  })
})

describe('the address of a caller', () => {
  const attempts = async (trustProxy: string[], forwardedFor: string[]) => {
    await using api = await createFakeApi((deps) => ({
      config: { ...deps.config, trustProxy },
      authFailures: createAuthFailures({ perMinute: 1 }),
    }))
    const codes: number[] = []
    for (const address of forwardedFor) {
      const response = await api.app.inject({
        url: '/api/auth/me',
        headers: { ...forged, 'x-forwarded-for': address },
        remoteAddress: '10.0.0.1',
      })
      codes.push(response.statusCode)
    }
    return { codes, ips: api.lines.map((line) => (JSON.parse(line) as { ip?: string }).ip) }
  }

  it('is that of the connection where no proxy is trusted', async () => {
    const { codes, ips } = await attempts([], ['192.0.2.1', '192.0.2.2'])
    expect(codes).toEqual([401, 429])
    expect(ips).toEqual(['10.0.0.1', '10.0.0.1'])
  })

  it('is what a trusted proxy says', async () => {
    const { codes, ips } = await attempts(['10.0.0.0/8'], ['192.0.2.1', '198.51.100.7, 192.0.2.2'])
    expect(codes).toEqual([401, 401])
    expect(ips).toEqual(['192.0.2.1', '192.0.2.2'])
  })
})

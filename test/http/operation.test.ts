import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors/app-error.js'
import { USER } from './api-samples.js'
import { as, createFakeApi } from './fake-api.js'

describe('GET /health', () => {
  it('is ready while the log is fresh', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject('/health/ready')
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({
      ready: true,
      database: { state: 'up' },
      redis: { state: 'unused' },
      log: { state: 'fresh', ageMs: 12 },
    })
  })

  it('is not ready where the report says so, or there is none', async () => {
    await using api = await createFakeApi()
    api.deps.health.report.mockResolvedValueOnce({
      ready: false,
      database: { state: 'down' },
      redis: { state: 'up' },
      log: { state: 'stale', ageMs: 9_000, seq: 4 },
    })
    const down = await api.app.inject('/health/ready')
    expect(down.statusCode).toBe(503)
    expect(down.json()).toMatchObject({
      ready: false,
      log: { state: 'stale', ageMs: 9_000, seq: 4 },
    })

    api.deps.health.report.mockRejectedValueOnce(new Error('broken'))
    const broken = await api.app.inject('/health/ready')
    expect(broken.statusCode).toBe(503)
    expect(broken.json()).toMatchObject({ ready: false })
    expect((await api.app.inject('/health/live')).json()).toEqual({ live: true })
  })
})

describe('GET /metrics', () => {
  it('counts requests by the pattern of their route', async () => {
    await using api = await createFakeApi()
    await api.app.inject({ url: '/api/inventory/AMOX-500', headers: as('doctor') })
    await api.app.inject('/no/such/place')
    const { body, headers } = await api.app.inject('/metrics')
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(body).toContain(
      'uzima_http_requests_total{method="GET",route="/api/inventory/:sku",status="200"} 1',
    )
    expect(body).toContain('route="none",status="404"} 1')
    expect(body).not.toContain('AMOX')
  })

  it('asks for its token where one is set', async () => {
    const metricsToken = 'a token of the monitoring'
    await using api = await createFakeApi(({ config }) => ({ config: { ...config, metricsToken } }))
    const status = async (authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization }
      return (await api.app.inject({ url: '/metrics', headers })).statusCode
    }
    expect(await status()).toBe(401)
    expect(await status('Bearer wrong')).toBe(401)
    expect(await status('Bearer token-admin')).toBe(401)
  })

  it('takes the right token', async () => {
    const metricsToken = 'monitoring-4f1c2a9e'
    await using api = await createFakeApi(({ config }) => ({ config: { ...config, metricsToken } }))
    const headers = { authorization: `Bearer ${metricsToken}` }
    expect((await api.app.inject({ url: '/metrics', headers })).statusCode).toBe(200)
  })
})

describe('POST /api/messages', () => {
  const send = async (to: object, event = 'notice') => {
    const api = await createFakeApi()
    api.deps.publisher.sendToAll.mockImplementation((name: string) => {
      if (name === 'connect') throw new AppError('EVENT_NAME_RESERVED')
    })
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/messages',
      headers: as('admin'),
      payload: { to, event, data: { n: 1 } },
    })
    await api.app.close()
    return { response, publisher: api.deps.publisher }
  }

  it.each([
    [{ all: true }, 'sendToAll', ['notice', { n: 1 }]],
    [{ userId: 'u' }, 'sendToUser', ['u', 'notice', { n: 1 }]],
    [{ role: 'doctor' }, 'sendToRole', ['doctor', 'notice', { n: 1 }]],
    [{ room: 'ward 3' }, 'broadcastToRoom', ['ward 3', 'notice', { n: 1 }]],
  ] as const)('sends to %o', async (to, method, args) => {
    const { response, publisher } = await send(to)
    expect(response.statusCode).toBe(202)
    expect(response.json()).toEqual({ accepted: true })
    expect(publisher[method]).toHaveBeenCalledExactlyOnceWith(...args)
  })

  it.each([{}, { all: false }, { all: true, userId: 'u' }, { role: 'king' }, { room: '' }])(
    'refuses to send to %o',
    async (to) => {
      const { response, publisher } = await send(to)
      expect(response.statusCode).toBe(400)
      for (const fake of Object.values(publisher)) expect(fake).not.toHaveBeenCalled()
    },
  )

  it('passes on that a name is reserved', async () => {
    const { response } = await send({ all: true }, 'connect')
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ code: 'EVENT_NAME_RESERVED' })
  })
})

describe('DELETE /api/connections/{socketId}', () => {
  it('tells when nobody has it', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject({
      method: 'DELETE',
      url: '/api/connections/gone',
      headers: as('admin'),
    })
    expect(response.json()).toMatchObject({ status: 404, code: 'CONNECTION_NOT_FOUND' })
  })
})

describe('the log of requests', () => {
  it('has a line for each, without query, headers or body', async () => {
    await using api = await createFakeApi()
    await api.app.inject({
      method: 'GET',
      url: '/api/inventory?search=canary-query',
      headers: { ...as('doctor'), 'user-agent': 'canary-agent' },
    })
    await api.app.inject({
      method: 'POST',
      url: '/api/auth/login',
      payload: { username: 'canary-user', password: 'canary-password' },
    })
    const lines = api.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toMatchObject([
      {
        msg: 'request',
        method: 'GET',
        route: '/api/inventory',
        status: 200,
        ip: '127.0.0.1',
        userId: 'id-doctor',
      },
      { msg: 'request', method: 'POST', route: '/api/auth/login', status: 200, userId: null },
    ])
    expect(lines[0]?.['ms']).toBeTypeOf('number')
    expect(api.lines.join('')).not.toMatch(/canary|token-doctor/)
  })

  it('says why a request was refused', async () => {
    await using api = await createFakeApi()
    await api.app.inject({ url: '/api/users', headers: { authorization: 'Bearer canary' } })
    expect(api.lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { status: 401, code: 'AUTH_TOKEN_INVALID' },
    ])
    expect(api.lines.join('')).not.toContain('canary')
  })
})

describe('the dashboard', () => {
  it('says how to build it where it is not built', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject('/')
    expect(response.statusCode).toBe(503)
    expect(response.body).toContain('npm run build')
  })

  it('is served with caching that suits each file', async () => {
    const dashboardFolder = await mkdtemp(join(tmpdir(), 'dashboard-'))
    await mkdir(join(dashboardFolder, 'assets'))
    await writeFile(join(dashboardFolder, 'index.html'), '<!doctype html><title>Stock</title>')
    await writeFile(join(dashboardFolder, 'assets/index-B3x9fa2k.js'), 'export {}')
    await writeFile(join(dashboardFolder, 'favicon.svg'), '<svg/>')
    try {
      await using api = await createFakeApi(() => ({ dashboardFolder }))
      const get = async (url: string) => api.app.inject(url)
      const page = await get('/')
      expect(page.body).toContain('Stock')
      expect(page.headers['cache-control']).toBe('no-cache')
      expect(page.headers['content-security-policy']).toContain("script-src 'self'")
      expect((await get('/favicon.svg')).headers['cache-control']).toBe('no-cache')
      const asset = await get('/assets/index-B3x9fa2k.js')
      expect(asset.headers['content-type']).toContain('javascript')
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
      for (const url of ['/assets/gone.js', '/..%2f..%2fpackage.json', '/assets/']) {
        expect((await get(url)).json(), url).toMatchObject({ code: 'NOT_FOUND' })
      }
    } finally {
      await rm(dashboardFolder, { recursive: true })
    }
  })
})

describe('closing', () => {
  it('lets a request under way finish, and refuses the next on its connection', async () => {
    await using api = await createFakeApi()
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    api.deps.users.get.mockImplementationOnce(async () => {
      await gate
      return USER
    })
    const url = await api.app.listen({ port: 0, host: '127.0.0.1' })
    const underWay = fetch(`${url}/api/auth/me`, { headers: as('doctor') })
    await expect.poll(() => api.deps.users.get.mock.calls.length).toBe(1)
    const closed = api.app.close()
    const refused = await fetch(`${url}/health/live`)
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'SERVER_DRAINING', retryable: true })
    open()
    const response = await underWay
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual(USER)
    await closed
  })
})

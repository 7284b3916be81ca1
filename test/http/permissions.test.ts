import { PERMISSIONS, problemSchema, ROLES } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { as, createFakeApi } from './fake-api.js'
import { ROUTES } from './routes.js'

describe('who may call what', () => {
  it.each(ROUTES)(
    '$method $path asks for $access',
    async ({ method, url, access, status, body }) => {
      await using api = await createFakeApi()
      const send = async (headers: Record<string, string> = {}) =>
        api.app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) })

      const outcomes = Object.fromEntries(
        await Promise.all(
          ROLES.map(async (role) => [role, (await send(as(role))).statusCode] as const),
        ),
      )
      const allowed: readonly string[] =
        access === 'public' || access === 'authenticated' ? ROLES : PERMISSIONS[access]
      expect(outcomes).toEqual(
        Object.fromEntries(ROLES.map((role) => [role, allowed.includes(role) ? status : 403])),
      )

      const anonymous = await send()
      expect(anonymous.statusCode).toBe(access === 'public' ? status : 401)
      if (access === 'public') return
      expect(anonymous.headers['www-authenticate']).toBe('Bearer realm="uzima"')
      expect(problemSchema.parse(anonymous.json()).code).toBe('AUTH_TOKEN_MISSING')
    },
  )

  it('shows nothing that was read for who has lost his right meanwhile, and tells what was written', async () => {
    await using api = await createFakeApi()
    const leave = () => api.known.delete('id-admin')
    const admin = api.known.get('id-admin')
    if (admin === undefined) throw new Error('There is no admin.')
    api.deps.users.list.mockImplementation(async () => {
      leave()
      return { users: [], nextCursor: null }
    })
    const read = await api.app.inject({ url: '/api/users', headers: as('admin') })
    expect([read.statusCode, read.json<object>()]).toMatchObject([
      401,
      { code: 'AUTH_USER_UNKNOWN' },
    ])

    const user = await api.deps.users.get('u-1')
    api.deps.users.update.mockImplementation(async () => {
      leave()
      return user
    })
    api.known.set('id-admin', admin)
    const written = await api.app.inject({
      method: 'PATCH',
      url: '/api/users/u-1',
      headers: as('admin'),
      payload: { role: 'doctor' },
    })
    expect(written.statusCode).toBe(200)
  })

  it('looks at the caller before the body', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/users',
      headers: { ...as('patient'), 'content-type': 'application/json' },
      payload: '{ not json',
    })
    expect(response.statusCode).toBe(403)
    expect(response.headers['www-authenticate']).toContain('error="insufficient_scope"')
    expect(response.json()).toMatchObject({ code: 'AUTH_FORBIDDEN' })
  })

  it('asks again when the caller changed while the body was on its way', async () => {
    await using api = await createFakeApi()
    // Only the first look finds the manager; whatever asks later finds a patient.
    const manager = api.known.get('id-inventory_manager')
    if (manager === undefined) throw new Error('The fake knows every role.')
    api.app.addHook('preParsing', async () => {
      api.known.set(manager.id, { ...manager, role: 'patient', roles: ['patient'] })
    })
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/inventory',
      headers: as('inventory_manager'),
      payload: { sku: 'A', name: 'A' },
    })
    expect(response.statusCode).toBe(403)
    expect(api.deps.inventory.create).not.toHaveBeenCalled()
  })

  it('refuses to start with a route that does not say who may call it', async () => {
    const { fastify } = await import('fastify')
    const { addHttpAuth, decorateWithPrincipal } = await import('../../src/middleware/http-auth.js')
    const { fakeDeps } = await import('./fake-api.js')
    const app = fastify()
    decorateWithPrincipal(app)
    addHttpAuth(app, { ...fakeDeps().deps, addressOf: () => '127.0.0.1' })
    expect(() => app.get('/open', () => 'all of it')).toThrow(/does not say who may call it/)
    await app.close()
  })
})

describe('a refused token', () => {
  it.each([
    ['a forged one', 'Bearer forged', 'AUTH_TOKEN_INVALID'],
    ['an expired one', 'Bearer expired', 'AUTH_TOKEN_EXPIRED'],
    ['a token of a user that is not there', 'Bearer token-nobody', 'AUTH_USER_UNKNOWN'],
    ['another scheme', 'Basic YTpi', 'AUTH_TOKEN_INVALID'],
    ['two tokens', 'Bearer token-admin token-admin', 'AUTH_TOKEN_INVALID'],
    ['no token after the scheme', 'Bearer ', 'AUTH_TOKEN_INVALID'],
  ])('is answered with its code and a challenge: %s', async (_name, authorization, code) => {
    await using api = await createFakeApi()
    const response = await api.app.inject({ url: '/api/auth/me', headers: { authorization } })
    expect(response.statusCode).toBe(401)
    expect(response.json()).toMatchObject({ code, type: `urn:uzima:error:${code}` })
    expect(response.headers['www-authenticate']).toMatch(
      /^Bearer realm="uzima", error="invalid_token"/,
    )
    expect(response.body).not.toContain('wrong signature')
  })

  it('takes the scheme in any case', async () => {
    await using api = await createFakeApi()
    const headers = { authorization: 'bearer token-patient' }
    expect((await api.app.inject({ url: '/api/auth/me', headers })).statusCode).toBe(200)
  })

  it('takes no token from the query', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject('/api/auth/me?token=token-admin')
    expect(response.json()).toMatchObject({ code: 'AUTH_TOKEN_MISSING' })
  })
})

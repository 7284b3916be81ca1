import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { problemSchema } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors/app-error.js'
import { as, createFakeApi } from './fake-api.js'

const json = { ...as('admin'), 'content-type': 'application/json' }

describe('problem details', () => {
  it('answers an unknown address with one', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject({ url: '/api/nothing', headers: as('admin') })
    expect(response.statusCode).toBe(404)
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.json()).toEqual({
      type: 'urn:uzima:error:NOT_FOUND',
      title: 'Not found',
      status: 404,
      code: 'NOT_FOUND',
      detail: 'Nothing is served at this address.',
      retryable: false,
    })
  })

  it.each([
    ['PUT', '/api/inventory', 'GET, HEAD, OPTIONS, POST'],
    ['DELETE', '/api/auth/me', 'GET, HEAD, OPTIONS'],
    ['POST', '/health/live', 'GET, HEAD, OPTIONS'],
    ['POST', '/', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/api/users/u-1', 'DELETE, GET, HEAD, OPTIONS, PATCH'],
  ] as const)('answers %s %s with 405 and what there is', async (method, url, allow) => {
    await using api = await createFakeApi()
    // The types of `inject` leave out TRACE; the server routes it.
    const response = await api.app.inject({ method: method as 'PUT', url })
    expect(response.statusCode).toBe(405)
    expect(response.headers.allow).toBe(allow)
    expect(problemSchema.parse(response.json()).code).toBe('METHOD_NOT_ALLOWED')
  })

  it('answers OPTIONS with what there is', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject({ method: 'OPTIONS', url: '/api/inventory' })
    expect(response.statusCode).toBe(204)
    expect(response.headers.allow).toBe('GET, HEAD, OPTIONS, POST')
  })

  // Each is a valid message but for what its name says.
  const message = (data: string) => `{ "to": { "all": true }, "event": "a", "data": ${data} }`

  it.each([
    ['no JSON', message('{'), 'The body is not JSON.'],
    ['a __proto__ key', message('{ "__proto__": { "role": "admin" } }'), 'The body is not JSON.'],
    [
      'a constructor key',
      message('{ "constructor": { "prototype": 1 } }'),
      'The body is not JSON.',
    ],
    ['40 levels', message(`{ "a": ${'['.repeat(40)}${']'.repeat(40)} }`), 'nested more than 32'],
    ['30,000 levels', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 'nested more than 32'],
    ['no UTF-8', Buffer.from(message('{ "a": "\u00ff" }'), 'latin1'), 'The body is not UTF-8.'],
    ['U+0000', message('{ "a": "\\u0000" }'), 'U+0000'],
    ['half a character', message('{ "\\ud800": 1 }'), 'half a character'],
    ['nothing', '', 'expected object'],
  ])('refuses a body of %s', async (_name, payload, detail) => {
    await using api = await createFakeApi()
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/messages',
      headers: json,
      payload,
    })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({
      code: 'VALIDATION_FAILED',
      detail: expect.stringContaining(detail),
    })
    expect(api.deps.publisher.sendToAll).not.toHaveBeenCalled()
  })

  it('takes a body of 65,536 bytes and not one more', async () => {
    await using api = await createFakeApi()
    const send = async (bytes: number) =>
      api.app.inject({
        method: 'POST',
        url: '/api/messages',
        headers: json,
        payload: message(`{ "a": "${'x'.repeat(bytes - message('{ "a": "" }').length)}" }`),
      })
    expect((await send(65_536)).statusCode).toBe(202)
    const refused = await send(65_537)
    expect(refused.json()).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
  })

  it.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('refuses a body of %s %o', async (type, extra) => {
    await using api = await createFakeApi()
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/messages',
      headers: { ...as('admin'), 'content-type': type, ...extra },
      payload: '{"to":{"all":true},"event":"a","data":{}}',
    })
    expect(response.statusCode).toBe(415)
    expect(response.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  })

  it('names the fields that are wrong or unknown', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/inventory/AMOX-500/lots',
      headers: json,
      payload: { lotNumber: 'L1', quantity: -1, expiryDate: 'soon', role: 'admin', seq: 1 },
    })
    expect(response.statusCode).toBe(400)
    const { errors } = problemSchema.parse(response.json())
    expect(errors?.map(({ path }) => path).toSorted()).toEqual([
      'expiryDate',
      'quantity',
      'role',
      'seq',
    ])
    expect(errors).toContainEqual({ path: 'role', message: 'is not a known field' })
  })

  it.each([
    ['/api/inventory?limit=5&limit=6', 'query.limit'],
    ['/api/inventory?search=a&search=b', 'query.search'],
    ['/api/inventory?search=%00', 'query.search'],
    ['/api/inventory?limt=5', 'query.limt'],
    ['/api/inventory?limit=0', 'query.limit'],
    ['/api/inventory?limit=many', 'query.limit'],
    ['/api/inventory?lowStock=yes', 'query.lowStock'],
    ['/api/inventory/%20', 'path.sku'],
    ['/api/inventory/a%00b', 'path.sku'],
    ['/api/events?since=-1', 'query.since'],
    ['/api/events?epoch=mine', 'query.epoch'],
    ['/api/connection-attempts?since=yesterday', 'query.since'],
  ])('refuses %s', async (url, path) => {
    await using api = await createFakeApi()
    const response = await api.app.inject({ url, headers: as('admin') })
    expect(response.statusCode).toBe(400)
    expect(response.json<{ errors: { path: string }[] }>().errors[0]?.path).toBe(path)
  })

  it('answers an address that is not validly encoded', async () => {
    await using api = await createFakeApi()
    const response = await api.app.inject({ url: '/api/inventory/%E0%A4', headers: as('admin') })
    expect(response.statusCode).toBe(400)
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.json()).toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('passes on what a refusal says, and when to try again', async () => {
    await using api = await createFakeApi()
    api.deps.inventory.consume.mockRejectedValueOnce(
      new AppError('INVENTORY_INSUFFICIENT_STOCK', {
        detail: '4 of 9 are there.',
        details: { requested: 9, available: 4, status: 200 },
      }),
    )
    api.deps.publisher.sendToAll.mockImplementationOnce(() => {
      throw new AppError('AUTH_STALE', { retryAfterMs: 1_200 })
    })
    const consumed = await api.app.inject({
      method: 'POST',
      url: '/api/inventory/AMOX-500/consume',
      headers: json,
      payload: { quantity: 9 },
    })
    expect(consumed.json()).toMatchObject({ requested: 9, available: 4, status: 409 })
    const sent = await api.app.inject({
      method: 'POST',
      url: '/api/messages',
      headers: json,
      payload: { to: { all: true }, event: 'notice', data: {} },
    })
    expect(sent.statusCode).toBe(503)
    expect(sent.headers['retry-after']).toBe('2')
    expect(sent.json()).toMatchObject({ code: 'AUTH_STALE', retryable: true, retryAfterMs: 1_200 })
  })

  it('shows nothing of what went wrong inside, and logs it with its cause', async () => {
    await using api = await createFakeApi()
    api.deps.inventory.list.mockRejectedValueOnce(
      new Error('select secret_column', { cause: new Error('the deeper reason') }),
    )
    const response = await api.app.inject({ url: '/api/inventory', headers: as('admin') })
    expect(response.statusCode).toBe(500)
    expect(response.json()).toMatchObject({ code: 'INTERNAL', detail: 'Internal error' })
    expect(response.body).not.toContain('secret_column')
    expect(api.lines.join('')).toContain('secret_column')
    expect(api.lines.join('')).toContain('the deeper reason')
  })

  it.each(['ECONNREFUSED', '57P01', '53300', '08006'])(
    'calls a database that is away unavailable: %s',
    async (code) => {
      await using api = await createFakeApi()
      api.deps.inventory.list.mockRejectedValueOnce(Object.assign(new Error('away'), { code }))
      const response = await api.app.inject({ url: '/api/inventory', headers: as('admin') })
      expect(response.statusCode).toBe(503)
      expect(response.json()).toMatchObject({ code: 'SERVER_UNAVAILABLE', retryable: true })
    },
  )

  it('answers an answer that breaks the contract with 500, not with half of it', async () => {
    await using api = await createFakeApi()
    // A service that forgets a member, as a cast or plain SQL might.
    api.deps.users.get.mockResolvedValueOnce({ id: 'u-1' } as never)
    const response = await api.app.inject({ url: '/api/auth/me', headers: as('admin') })
    expect(response.statusCode).toBe(500)
    expect(response.json()).toMatchObject({ code: 'INTERNAL' })
  })

  it('answers what is not HTTP', async () => {
    await using api = await createFakeApi()
    const url = await api.app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GARBAGE\r\n\r\n')
    const answer = await text(socket)
    expect(answer).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json/,
    )
    expect(problemSchema.parse(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''))).toMatchObject({
      code: 'VALIDATION_FAILED',
    })
  })
})

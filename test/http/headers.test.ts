import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors/app-error.js'
import { ITEM } from './api-samples.js'
import { as, createFakeApi, type FakeApi } from './fake-api.js'

const sku = '/api/inventory/AMOX-500'

describe('conditional changes', () => {
  const change = (api: FakeApi, ifMatch: string) =>
    api.app.inject({
      method: 'PATCH',
      url: sku,
      headers: { ...as('admin'), 'if-match': ifMatch },
      payload: { threshold: 5 },
    })

  it.each([
    ['"3"', [3]],
    ['*', undefined],
    [' * ', undefined],
    // As nginx, Caddy and Apache pass it on where they compress.
    ['W/"3"', [3]],
    ['"3-gzip"', [3]],
    ['"3--gzip"', [3]],
    ['W/"3-br"', [3]],
    ['"1", W/"2","3"', [1, 2, 3]],
    [', "3" ,, ', [3]],
    ['"a,b", "7"', [7]],
    ['"03"', []],
    ['"abc"', []],
    ['"3-other"', []],
    ['"99999999999"', []],
    ['"2147483648"', []],
  ])('reads If-Match: %s as one of the versions %s', async (ifMatch, versions) => {
    await using api = await createFakeApi()
    const response = await change(api, ifMatch)
    expect(response.statusCode).toBe(200)
    expect(api.deps.inventory.update).toHaveBeenCalledWith(
      { actor: 'name-admin', userId: 'id-admin' },
      'AMOX-500',
      { threshold: 5 },
      versions,
    )
  })

  it.each(['3', '"3', '"1" "2"', 'W/3', 'w/"3"', '"a b"', '*, "3"', ',', '', '"1",'.repeat(251)])(
    'refuses If-Match: %s, and says what to send',
    async (ifMatch) => {
      await using api = await createFakeApi()
      const response = await change(api, ifMatch)
      expect(response.statusCode).toBe(400)
      expect(response.json()).toMatchObject({
        errors: [
          {
            path: 'header.if-match',
            message: expect.stringMatching(/send the ETag|<=1000/) as string,
          },
        ],
      })
      expect(api.deps.inventory.update).not.toHaveBeenCalled()
    },
  )

  it('answers a version that has passed with 412', async () => {
    await using api = await createFakeApi()
    api.deps.inventory.update.mockRejectedValueOnce(new AppError('INVENTORY_VERSION_CONFLICT'))
    const response = await change(api, '"2"')
    expect(response.statusCode).toBe(412)
  })

  it.each([
    ['GET', sku, undefined],
    ['PATCH', sku, { threshold: 1 }],
    ['POST', '/api/inventory', { sku: 'AMOX-500', name: 'A' }],
    ['POST', `${sku}/lots`, { lotNumber: 'L', quantity: 1, expiryDate: '2027-01-31' }],
    ['POST', `${sku}/consume`, { quantity: 1 }],
    ['POST', `${sku}/adjust`, { lotNumber: 'L', quantity: 1, reason: 'count' }],
    ['POST', `${sku}/dispose`, { lotNumber: 'L', quantity: 1, reason: 'broken' }],
  ] as const)('gives the version of the item with %s %s', async (method, url, payload) => {
    await using api = await createFakeApi()
    const response = await api.app.inject({
      method,
      url,
      headers: as('admin'),
      ...(payload === undefined ? {} : { payload }),
    })
    expect(response.headers.etag).toBe(`"${ITEM.version.toString()}"`)
  })
})

describe('Idempotency-Key', () => {
  const lot = { lotNumber: 'L', quantity: 1, expiryDate: '2027-01-31' }
  const send = async (key: string | undefined) => {
    const api = await createFakeApi()
    const response = await api.app.inject({
      method: 'POST',
      url: `${sku}/lots`,
      headers: { ...as('pharmacist'), ...(key === undefined ? {} : { 'idempotency-key': key }) },
      payload: lot,
    })
    await api.app.close()
    return { response, addLot: api.deps.inventory.addLot }
  }

  it.each(['a', '8e03978e-40d5-43dd-bc93-6894a57f9324', '"quoted"', '~'.repeat(255)])(
    'goes with the command: %s',
    async (key) => {
      const { response, addLot } = await send(key)
      expect(response.statusCode).toBe(201)
      expect(addLot).toHaveBeenCalledWith(
        { actor: 'name-pharmacist', userId: 'id-pharmacist', idempotencyKey: key },
        'AMOX-500',
        lot,
      )
    },
  )

  it('may be left out', async () => {
    const { addLot } = await send(undefined)
    expect(addLot.mock.calls).toEqual([
      [{ actor: 'name-pharmacist', userId: 'id-pharmacist' }, 'AMOX-500', lot],
    ])
  })

  it.each(['', 'two words', 'é', '~'.repeat(256)])('is refused: "%s"', async (key) => {
    const { response, addLot } = await send(key)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ errors: [{ path: 'header.idempotency-key' }] })
    expect(addLot).not.toHaveBeenCalled()
  })
})

describe('headers of answers', () => {
  it('keep other sites out', async () => {
    await using api = await createFakeApi()
    const { headers } = await api.app.inject({ url: '/', headers: { host: 'clinic.local:3000' } })
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("connect-src 'self' ws://clinic.local:3000 wss://clinic.local:3000;")
    // Only the page of the documents, which is not ours, sets styles within its elements.
    expect(policy).not.toContain('unsafe')
    const { headers: ofDocs } = await api.app.inject({ url: '/docs/' })
    expect(ofDocs['content-security-policy']).toContain("style-src 'self' 'unsafe-inline'")
    expect(policy).toContain("frame-ancestors 'none'")
    // It would send a clinic without a certificate to https.
    expect(policy).not.toContain('upgrade-insecure-requests')
  })

  it('forbid plain HTTP to no browser that must find there how to trust the server', async () => {
    const askFor = async (httpsPort: number | undefined) => {
      await using api = await createFakeApi(({ config }) => ({ config: { ...config, httpsPort } }))
      return (await api.app.inject({ url: '/' })).headers['strict-transport-security']
    }
    expect(await askFor(undefined)).toBeDefined()
    expect(await askFor(3_443)).toBeUndefined()
  })

  it('take nothing but a host from the Host header', async () => {
    await using api = await createFakeApi()
    const host = "evil; script-src 'unsafe-inline'"
    const { headers } = await api.app.inject({ url: '/', headers: { host } })
    expect(headers['content-security-policy']).not.toContain('evil')
  })

  it('keep answers of the API out of caches', async () => {
    await using api = await createFakeApi()
    for (const url of ['/api/inventory', '/api/nothing', '/health/ready', '/metrics']) {
      const { headers } = await api.app.inject({ url, headers: as('admin') })
      expect(headers['cache-control'], url).toBe('no-store')
    }
  })

  it('let the allowed origins in, and no other', async () => {
    await using api = await createFakeApi()
    const preflight = async (origin: string) => {
      const { headers } = await api.app.inject({
        method: 'OPTIONS',
        url: `${sku}/consume`,
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,idempotency-key',
        },
      })
      return headers
    }
    const allowed = await preflight('https://clinic.example')
    expect(allowed['access-control-allow-origin']).toBe('https://clinic.example')
    expect(allowed['access-control-allow-headers']).toContain('Idempotency-Key')
    expect(allowed['access-control-allow-credentials']).toBe('true')
    for (const origin of [
      'https://evil.example',
      'https://clinic.example.evil',
      'http://clinic.example',
      'null',
    ]) {
      const refused = await preflight(origin)
      expect(refused['access-control-allow-origin'], origin).toBeUndefined()
      expect(refused.vary).toContain('Origin')
    }
  })
})

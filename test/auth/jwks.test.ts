import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { describe, expect, it } from 'vitest'
import { createJwks, type JwksOptions, type KeyHeader } from '../../src/auth/jwks.js'
import { listenWith, NOW_S, tokensWith } from './tokens.js'

interface Issued {
  readonly jwk: object
  readonly privateKey: CryptoKey
}

const newKey = async (kid: string): Promise<Issued> => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  return { jwk: { ...(await exportJWK(publicKey)), kid }, privateKey }
}

/** A host whose key set and health a test changes. */
const createIssuer = async (...kids: string[]) => {
  const issued = await Promise.all(kids.map(newKey))
  const state = {
    keys: issued.map(({ jwk }): unknown => jwk),
    isDown: false,
    delayMs: 0,
    answered: 0,
  }
  const host = await listenWith((_, response) => {
    const body = JSON.stringify({ keys: state.keys })
    setTimeout(() => {
      state.answered += 1
      if (state.isDown) response.writeHead(503)
      response.end(state.isDown ? 'no' : body)
    }, state.delayMs)
  })
  return {
    state,
    issued,
    url: host.url,
    seen: host.seen,
    [Symbol.asyncDispose]: host[Symbol.asyncDispose],
  }
}

/** What it answers at once is waited for as well. */
const open = (url: string, options: Partial<JwksOptions> = {}) => {
  const jwks = createJwks({
    url,
    algorithms: ['ES256', 'RS256'],
    minIntervalMs: 100,
    ...options,
  })
  return { find: async (header: KeyHeader) => jwks.find(header) }
}

describe('createJwks', () => {
  it('reads the set once for any number of tokens of a known key', async () => {
    await using issuer = await createIssuer('a', 'b')
    const jwks = open(issuer.url)
    const found = await Promise.all(
      Array.from({ length: 100 }, () => jwks.find({ alg: 'ES256', kid: 'b' })),
    )
    expect(found.every((keys) => keys.length === 1)).toBe(true)
    expect(issuer.seen).toHaveLength(1)
  })

  it('finds a new key with one more request, at the first token that needs it', async () => {
    await using issuer = await createIssuer('a')
    const jwks = open(issuer.url)
    await jwks.find({ alg: 'ES256', kid: 'a' })
    issuer.state.keys.push((await newKey('b')).jwk)
    const found = await Promise.all(
      Array.from({ length: 50 }, () => jwks.find({ alg: 'ES256', kid: 'b' })),
    )
    expect(found.every((keys) => keys.length === 1)).toBe(true)
    expect(issuer.seen).toHaveLength(2)
  })

  it('finds a new key that was published while an older answer was under way', async () => {
    await using issuer = await createIssuer('a')
    issuer.state.delayMs = 50
    const jwks = open(issuer.url)
    const first = jwks.find({ alg: 'ES256', kid: 'a' })
    await expect.poll(() => issuer.seen.length, { interval: 2 }).toBe(1)
    issuer.state.keys.push((await newKey('b')).jwk)
    expect(await jwks.find({ alg: 'ES256', kid: 'b' })).toHaveLength(1)
    expect(await first).toHaveLength(1)
  })

  it('turns a flood of invented keys into one request an interval, and still rotates', async () => {
    await using issuer = await createIssuer('a')
    const jwks = open(issuer.url, { minIntervalMs: 200 })
    await jwks.find({ alg: 'ES256', kid: 'a' })
    const startedAt = performance.now()
    const flood = Promise.all(
      Array.from({ length: 2_000 }, (_, i) => jwks.find({ alg: 'ES256', kid: `x${i}` })),
    )
    issuer.state.keys.push((await newKey('b')).jwk)
    expect(await jwks.find({ alg: 'ES256', kid: 'b' })).toHaveLength(1)
    expect((await flood).every((keys) => keys.length === 0)).toBe(true)
    const intervals = Math.ceil((performance.now() - startedAt) / 200)
    expect(issuer.seen.length).toBeLessThanOrEqual(1 + intervals)
  })

  it('keeps the interval between requests however the invented keys come', async () => {
    await using issuer = await createIssuer('a')
    const jwks = open(issuer.url, { minIntervalMs: 60 })
    const startedAt = performance.now()
    for (let i = 0; i < 5; i += 1) await jwks.find({ alg: 'ES256', kid: `x${i}` })
    const elapsedMs = performance.now() - startedAt
    expect(elapsedMs).toBeGreaterThan((issuer.seen.length - 1) * 55)
  })

  it('makes nobody with a known key wait for a host that failed last time', async () => {
    await using issuer = await createIssuer('a')
    const jwks = open(issuer.url, { maxAgeMs: 0, minIntervalMs: 0, timeoutMs: 2_000 })
    await jwks.find({ alg: 'ES256', kid: 'a' })
    issuer.state.isDown = true
    await jwks.find({ alg: 'ES256', kid: 'a' })
    issuer.state.delayMs = 2_000
    // The host answers after the key was found.
    const { answered } = issuer.state
    expect(await jwks.find({ alg: 'ES256', kid: 'a' })).toHaveLength(1)
    expect(issuer.state.answered).toBe(answered)
  })

  it('serves known keys while the host is down, and says so of unknown ones at once', async () => {
    await using issuer = await createIssuer('a')
    const jwks = open(issuer.url, { maxAgeMs: 0 })
    await jwks.find({ alg: 'ES256', kid: 'a' })
    issuer.state.isDown = true
    for (let i = 0; i < 20; i += 1) {
      expect(await jwks.find({ alg: 'ES256', kid: 'a' })).toHaveLength(1)
    }
    await expect(jwks.find({ alg: 'ES256', kid: 'b' })).rejects.toMatchObject({
      code: 'SERVER_UNAVAILABLE',
    })
    expect(issuer.seen.length).toBeLessThanOrEqual(4)
    issuer.state.isDown = false
    issuer.state.keys.push((await newKey('b')).jwk)
    await expect
      .poll(async () => (await jwks.find({ alg: 'ES256', kid: 'b' }).catch(() => [])).length)
      .toBe(1)
  })

  it('forgets a key that was withdrawn, once the set is old', async () => {
    await using issuer = await createIssuer('a', 'b')
    const jwks = open(issuer.url, { maxAgeMs: 0, minIntervalMs: 0 })
    await jwks.find({ alg: 'ES256', kid: 'a' })
    issuer.state.keys.splice(0, 1)
    expect(await jwks.find({ alg: 'ES256', kid: 'a' })).toEqual([])
    expect(await jwks.find({ alg: 'ES256', kid: 'b' })).toHaveLength(1)
  })

  it('uses neither secrets nor broken members of a set, and the rest of it', async () => {
    await using issuer = await createIssuer('a')
    const oct = { kty: 'oct', k: 'c2VjcmV0', kid: 's' }
    issuer.state.keys.unshift(oct, null, 'x', { kty: 'EC', crv: 'P-256', kid: 'broken' })
    const jwks = open(issuer.url, { minIntervalMs: 0 })
    for (const kid of ['s', 'broken']) {
      expect(await jwks.find({ alg: 'ES256', kid })).toEqual([])
      expect(await jwks.find({ alg: 'HS256', kid })).toEqual([])
    }
    expect(await jwks.find({ alg: 'ES256', kid: 'a' })).toHaveLength(1)
    expect(await jwks.find({ alg: 'RS256', kid: 'a' })).toEqual([])
  })

  it.each([
    ['follows no redirect', 302, ''],
    ['takes no page for a set', 200, '<html>'],
    ['takes no endless answer', 200, ' '.repeat(300_000)],
  ])('%s', async (_, status, body) => {
    await using elsewhere = await createIssuer('a')
    await using host = await listenWith((_request, response) => {
      response.writeHead(status, { location: elsewhere.url }).end(body)
    })
    await expect(open(host.url).find({ alg: 'ES256', kid: 'a' })).rejects.toMatchObject({
      code: 'SERVER_UNAVAILABLE',
    })
    expect(elsewhere.seen).toEqual([])
  })

  it('gives up on a host that does not answer', async () => {
    await using host = await listenWith(() => undefined)
    await expect(
      open(host.url, { timeoutMs: 50 }).find({ alg: 'ES256', kid: 'a' }),
    ).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' })
  })
})

describe('verifyAccessToken with JWT_JWKS_URL', () => {
  it('accepts the tokens of each published key and refuses those of no key', async () => {
    await using issuer = await createIssuer('a', 'b')
    const { verifyAccessToken } = await tokensWith({ jwtJwksUrl: issuer.url })
    const sign = (kid: string | undefined, { privateKey }: Issued): Promise<string> =>
      new SignJWT({ sub: 'user-1', exp: NOW_S + 60 })
        .setProtectedHeader({ alg: 'ES256', ...(kid === undefined ? {} : { kid }) })
        .sign(privateKey)
    const [a, b] = issuer.issued
    if (a === undefined || b === undefined) throw new Error('two keys were issued')
    for (const token of [await sign('a', a), await sign('b', b), await sign(undefined, b)]) {
      expect((await verifyAccessToken(token)).userId).toBe('user-1')
    }
    await expect(verifyAccessToken(await sign('a', b))).rejects.toMatchObject({
      code: 'AUTH_TOKEN_INVALID',
    })
    const stranger = await newKey('a')
    await expect(verifyAccessToken(await sign('a', stranger))).rejects.toMatchObject({
      code: 'AUTH_TOKEN_INVALID',
    })
    expect(issuer.seen).toHaveLength(1)
  })
})

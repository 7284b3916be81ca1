import { generateKeyPairSync } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import { describe, expect, it } from 'vitest'
import { createVerifiedTokens, digestOf } from '../../src/auth/verified-tokens.js'
import { createKeys } from '../../src/auth/keys.js'
import { createAccessTokens } from '../../src/auth/access-token.js'
import { forge, listenWith, newSecret, NOW_MS, NOW_S, production, tokensWith } from './tokens.js'

const claimsUntil = (exp: number) => ({ sub: 'user-1', iat: NOW_S, exp })

describe('a token that was verified before', () => {
  it('is refused from its exp on, by the clock as it is then', async () => {
    const secret = newSecret()
    let nowMs = NOW_MS
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret }, { now: () => nowMs })
    const token = forge({ alg: 'HS256' }, claimsUntil(NOW_S + 60), secret)
    for (let time = 0; time < 3; time += 1) {
      expect((await verifyAccessToken(token)).userId).toBe('user-1')
    }
    nowMs += 59_999
    expect((await verifyAccessToken(token)).userId).toBe('user-1')
    nowMs += 1
    for (let time = 0; time < 2; time += 1) {
      await expect(verifyAccessToken(token)).rejects.toMatchObject({ code: 'AUTH_TOKEN_EXPIRED' })
    }
  })

  it('is refused again where the clock is set back to before it was issued', async () => {
    const secret = newSecret()
    let nowMs = NOW_MS
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret }, { now: () => nowMs })
    const token = forge({ alg: 'HS256' }, claimsUntil(NOW_S + 60), secret)
    await verifyAccessToken(token)
    nowMs -= 10_000
    await expect(verifyAccessToken(token)).rejects.toMatchObject({
      code: 'AUTH_TOKEN_NOT_YET_VALID',
      retryAfterMs: 5_000,
    })
  })

  it('vouches for no other token, not even one that differs in its signature alone', async () => {
    const secret = newSecret()
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret })
    const token = forge({ alg: 'HS256' }, claimsUntil(NOW_S + 60), secret)
    const forged = forge({ alg: 'HS256' }, claimsUntil(NOW_S + 60), newSecret())
    await verifyAccessToken(token)
    for (const other of [forged, `${token}A`, ` ${token}`, token.slice(0, -1)]) {
      await expect(verifyAccessToken(other)).rejects.toMatchObject({ code: 'AUTH_TOKEN_INVALID' })
    }
  })

  it('is refused once its issuer has withdrawn the key', async () => {
    const pairs = ['a', 'b'].map((kid) => ({
      kid,
      ...generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    }))
    const tokenOf = ({ kid, privateKey }: (typeof pairs)[number]): string =>
      jsonwebtoken.sign(claimsUntil(NOW_S + 600), privateKey, { algorithm: 'ES256', keyid: kid })
    const [a, b] = pairs
    if (a === undefined || b === undefined) throw new Error('two keys were made')
    let published = [a]
    await using issuer = await listenWith((_, response) => {
      const keys = published.map(({ kid, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid,
      }))
      response.end(JSON.stringify({ keys }))
    })
    const { verifyAccessToken } = await tokensWith({ jwtJwksUrl: issuer.url })
    expect((await verifyAccessToken(tokenOf(a))).userId).toBe('user-1')
    const shown = tokenOf(a)
    expect((await verifyAccessToken(shown)).userId).toBe('user-1')
    published = [b]
    // A key that is not known has the set read again.
    expect((await verifyAccessToken(tokenOf(b))).userId).toBe('user-1')
    await expect(verifyAccessToken(shown)).rejects.toMatchObject({ code: 'AUTH_TOKEN_INVALID' })
  })

  it('is judged by the lead of its issuer that is known now, not by that of then', async () => {
    const secret = newSecret()
    const tokens = createAccessTokens({
      keys: await createKeys({ ...production, jwtSecret: secret }),
      ttlMs: 900_000,
      now: () => NOW_MS,
    })
    const token = forge({ alg: 'HS256' }, claimsUntil(NOW_S + 60), secret)
    expect((await tokens.verifyAccessToken(token)).issuedAt).toBe(NOW_MS)
    // Another one shows that the clock of the issuer is 4 s ahead.
    await tokens.verifyAccessToken(
      forge({ alg: 'HS256' }, { ...claimsUntil(NOW_S + 60), iat: NOW_S + 4 }, secret),
    )
    expect((await tokens.verifyAccessToken(token)).issuedAt).toBe(NOW_MS - 5_000)
  })
})

describe('the memory of verified tokens', () => {
  const verified = (expiresAt: number) => ({
    claims: { userId: 'user-1', expiresAt },
    validFromMs: 0,
    header: { alg: 'HS256' },
    // Any key: it is not asked for here.
    key: generateKeyPairSync('ed25519').publicKey,
  })

  it('keeps as many as it may, the newest ones', () => {
    const tokens = createVerifiedTokens({ capacity: 100, now: () => NOW_MS })
    const one = verified(NOW_MS + 60_000)
    for (let n = 0; n < 1_000; n += 1) tokens.remember(digestOf(`token-${String(n)}`), one)
    expect(tokens.size()).toBe(100)
    expect(tokens.recall(digestOf('token-999'))).toBe(one)
    expect(tokens.recall(digestOf('token-899'))).toBeUndefined()
  })

  it('lets go of what has expired', () => {
    let nowMs = NOW_MS
    const tokens = createVerifiedTokens({ capacity: 100, now: () => nowMs })
    const short = verified(NOW_MS + 1_000)
    for (let n = 0; n < 50; n += 1) tokens.remember(digestOf(`token-${String(n)}`), short)
    nowMs += 1_000
    expect(tokens.recall(digestOf('token-0'))).toBeUndefined()
    nowMs += 60_000
    tokens.remember(digestOf('another'), verified(nowMs + 1_000))
    expect(tokens.size()).toBe(1)
  })

  it('holds no token: a digest has nothing of it', () => {
    const token = forge({ alg: 'HS256' }, claimsUntil(NOW_S + 60), newSecret())
    const digest = digestOf(token)
    expect(digest).toHaveLength(32)
    for (const part of token.split('.')) expect(digest).not.toContain(part.slice(0, 8))
  })
})

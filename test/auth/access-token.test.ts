import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/errors/app-error.js'
import { expectWithin } from '../support/long.js'
import { base64url, forge, listenWith, newSecret, NOW_MS, NOW_S, tokensWith } from './tokens.js'

const secret = newSecret()
const header = { alg: 'HS256', typ: 'JWT' }
const claims = { sub: 'user-1', iat: NOW_S - 10, exp: NOW_S + 600 }
const good = forge(header, claims, secret)
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const signed = (more: object, base: object = claims): string =>
  forge(header, { ...base, ...more }, secret)
const headed = (more: object): string => forge({ ...header, ...more }, claims, secret)
const unsigned = (alg: unknown): string => `${base64url({ alg })}.${goodPayload}.`
/** Sets the unused low bits of the last character, which a lenient decoder drops. */
const strayBits = (part: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + (alphabet[alphabet.indexOf(part.slice(-1)) + 1] ?? '')
}
const rawClaims = (json: string): string => forge(header, json, secret)

const INVALID: Record<string, unknown> = {
  'a number': 42,
  'an object': { token: good },
  'an array of tokens': [good],
  true: true,
  'one part': 'x',
  'two parts': `${goodHeader}.${goodPayload}`,
  'a fourth part': `${good}.`,
  'a leading dot': `.${good}`,
  'five parts, a JWE': `${base64url({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 1e9 })}.a.b.c.d`,
  'an empty signature': `${goodHeader}.${goodPayload}.`,
  'padding on the signature': `${good}=`,
  'padding on the payload': `${goodHeader}.${goodPayload}=.${goodSignature}`,
  'white space before': ` ${good}`,
  'a line end after': `${good}\n`,
  'white space inside': `${goodHeader}. ${goodPayload}.${goodSignature}`,
  'base64 instead of base64url': `${goodHeader}.${goodPayload}.${goodSignature.slice(0, -2)}+/`,
  'stray bits in the signature': `${goodHeader}.${goodPayload}.${strayBits(goodSignature)}`,
  'a percent-encoded dot': good.replace('.', '%2e'),
  'more than 8 kB': signed({ filler: 'x'.repeat(8_192) }),
  'a megabyte': 'a'.repeat(1_000_000),
  'a part that is not UTF-8': `${goodHeader}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.${goodSignature}`,
  'a header that is an array': forge([header], claims, secret),
  'a payload that is an array': forge(header, [claims], secret),
  'a payload that is a string': forge(header, '"user-1"', secret),
  'a payload that is null': forge(header, 'null', secret),
  'a byte order mark': rawClaims(`\ufeff${JSON.stringify(claims)}`),
  'a changed payload': `${goodHeader}.${base64url({ ...claims, sub: 'user-2' })}.${goodSignature}`,
  'another key': forge(header, claims, newSecret()),
  'alg none': unsigned('none'),
  'alg None': unsigned('None'),
  'alg nOnE': unsigned('nOnE'),
  'an empty alg': unsigned(''),
  'no alg': `${base64url({ typ: 'JWT' })}.${goodPayload}.${goodSignature}`,
  'alg as a list': unsigned(['HS256']),
  'alg none with a signature': forge({ alg: 'none' }, claims, secret),
  'alg hs256': forge({ alg: 'hs256' }, claims, secret),
  'HS384 with our secret': jsonwebtoken.sign(claims, secret, { algorithm: 'HS384' }),
  'PBES2 in three parts': headed({ alg: 'PBES2-HS256+A128KW', p2c: 1e9 }),
  zip: headed({ zip: 'DEF' }),
  enc: headed({ enc: 'A128GCM' }),
  crit: headed({ crit: ['exp'] }),
  'an unknown crit': headed({ crit: ['http://example.com/UNDEFINED'] }),
  'b64 false': headed({ b64: false }),
  'a typ of another use': headed({ typ: 'logout+jwt' }),
  'a kid that is an object': headed({ kid: {} }),
  'a kid with NUL': headed({ kid: 'a\0b' }),
  'a kid of 1 kB': headed({ kid: 'k'.repeat(1_024) }),
  'a member of the header twice': forge('{"alg":"HS256","alg":"HS256"}', claims, secret),
  'no exp': signed({ exp: undefined }),
  'exp 1e300': rawClaims('{"sub":"user-1","exp":1e300}'),
  'exp 1e999': rawClaims('{"sub":"user-1","exp":1e999}'),
  'exp as text': signed({ exp: String(NOW_S + 600) }),
  'exp negative': signed({ exp: -1 }),
  'exp null': signed({ exp: null }),
  'exp in eleven years': signed({ exp: NOW_S + 11 * 366 * 86_400 }),
  'exp in milliseconds': signed({ exp: NOW_MS + 600_000 }),
  'iat in years': signed({ iat: NOW_S + 3 * 366 * 86_400, exp: NOW_S + 4 * 366 * 86_400 }),
  'iat in milliseconds': signed({ iat: NOW_MS }),
  'iat as text': signed({ iat: String(NOW_S) }),
  'nbf after exp': signed({ nbf: NOW_S + 900 }),
  'nbf as text': signed({ nbf: 'now' }),
  'no user': signed({ sub: undefined }),
  'sub as a number': signed({ sub: 1 }),
  'sub as an object': signed({ sub: { $ne: null } }),
  'sub as a list': signed({ sub: ['user-1'] }),
  'sub empty': signed({ sub: '' }),
  'sub with NUL': signed({ sub: 'user\0' }),
  'sub with a line end': signed({ sub: 'user\n1' }),
  'sub with half a surrogate pair': rawClaims(`{"sub":"\\ud800","exp":${NOW_S + 600}}`),
  'sub of 201 characters': signed({ sub: 'u'.repeat(201) }),
  'id as a number beside sub': signed({ id: 1 }),
  'id that is null beside sub': signed({ id: null }),
  'id and sub that differ': signed({ id: 'user-2' }),
  'sub twice': rawClaims(`{"sub":"user-2","exp":${NOW_S + 600},"sub":"user-1"}`),
  'sub twice, once escaped': rawClaims(`{"sub":"u","exp":${NOW_S + 600},"s\\u0075b":"u"}`),
  'a member of a member twice': rawClaims(`{"sub":"u","exp":${NOW_S + 600},"x":[{"a":1,"a":2}]}`),
  'sub from __proto__': rawClaims(`{"__proto__":{"sub":"user-1"},"exp":${NOW_S + 600}}`),
  'claims nested thousands deep': rawClaims(`${'['.repeat(3_000)}${']'.repeat(3_000)}`),
  'sid as a number': signed({ sid: 7 }),
  'ver as text': signed({ ver: '1' }),
}

const refusalOf = async (token: unknown, options = { jwtSecret: secret }): Promise<AppError> => {
  const { verifyAccessToken } = await tokensWith(options)
  const outcome = await verifyAccessToken(token).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(outcome instanceof AppError)) throw new Error(`was not refused: ${String(outcome)}`)
  return outcome
}

describe('verifyAccessToken', () => {
  it('accepts the token that the refusals below are variations of', async () => {
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret })
    expect(await verifyAccessToken(good)).toEqual({
      userId: 'user-1',
      issuedAt: NOW_MS - 10_000,
      expiresAt: NOW_MS + 600_000,
    })
  })

  it.each(Object.entries(INVALID))('refuses %s', async (_, token) => {
    expect((await refusalOf(token)).code).toBe('AUTH_TOKEN_INVALID')
  })

  it.each([undefined, null, ''])('names a missing token: %j', async (token) => {
    expect((await refusalOf(token)).code).toBe('AUTH_TOKEN_MISSING')
  })

  it.each([
    ['a second ago', NOW_S - 1],
    ['this moment', NOW_S],
    ['half a second ago', NOW_S - 0.5],
    ['in 1970', 1.5],
  ])('says expired, without leeway, of a token that ended %s', async (_, exp) => {
    expect((await refusalOf(signed({ exp }))).code).toBe('AUTH_TOKEN_EXPIRED')
  })

  it('says expired only where the signature is valid and nothing else is wrong', async () => {
    const expired = { ...claims, exp: NOW_S - 60 }
    expect((await refusalOf(forge(header, expired, newSecret()))).code).toBe('AUTH_TOKEN_INVALID')
    expect((await refusalOf(signed({ id: 'user-2' }, expired))).code).toBe('AUTH_TOKEN_INVALID')
  })

  it.each([
    ['iat within the leeway', { iat: NOW_S + 5 }],
    ['nbf within the leeway', { nbf: NOW_S + 5 }],
    ['exp in the next millisecond', { exp: NOW_S + 0.001 }],
    ['exp in ten years', { exp: NOW_S + 3_652 * 86_400 }],
    ['no iat', { iat: undefined }],
    ['id beside the same sub', { id: 'user-1' }],
    ['id alone', { id: 'user-1', sub: undefined }],
    ['a user id of 200 characters', { sub: 'é'.repeat(200) }],
    ['a member of several objects', { a: { x: 1 }, b: { x: 1, y: '{"x":"x"}' } }],
  ])('accepts %s', async (_, more) => {
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret })
    expect((await verifyAccessToken(signed(more))).expiresAt).toBeGreaterThan(NOW_MS)
  })

  it('never takes a public key for a secret', async () => {
    const confused = forge(header, claims, rsaPem)
    const alsoTrimmed = forge(header, claims, rsaPem.trim())
    for (const token of [confused, alsoTrimmed]) {
      const { verifyAccessToken } = await tokensWith({ jwtPublicKey: rsaPem })
      await expect(verifyAccessToken(token)).rejects.toMatchObject({ code: 'AUTH_TOKEN_INVALID' })
      const both = await tokensWith({ jwtPublicKey: rsaPem, jwtSecret: secret })
      await expect(both.verifyAccessToken(token)).rejects.toMatchObject({
        code: 'AUTH_TOKEN_INVALID',
      })
    }
  })

  it('asks nobody for the keys that a token brings or points to', async () => {
    await using attacker = await listenWith((_, response) => response.end('{"keys":[]}'))
    const own = await generateKeyPair('RS256')
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret, jwtPublicKey: rsaPem })
    const jwk = await exportJWK(own.publicKey)
    for (const extra of [
      { jku: attacker.url },
      { x5u: attacker.url },
      { jwk },
      { x5c: ['MIIB'] },
    ]) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', ...extra })
        .sign(own.privateKey)
      await expect(verifyAccessToken(token)).rejects.toMatchObject({ code: 'AUTH_TOKEN_INVALID' })
      await expect(verifyAccessToken(headed(extra))).rejects.toMatchObject({
        code: 'AUTH_TOKEN_INVALID',
      })
    }
    expect(attacker.seen).toEqual([])
  })

  it('requires issuer and audience where they are configured', async () => {
    const rules = { issuer: 'https://id.clinic.example/', audience: 'uzima' }
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret }, rules)
    const iss = rules.issuer
    for (const wrong of [
      {},
      { iss },
      { aud: 'uzima' },
      { iss, aud: 'billing' },
      { iss, aud: ['billing'] },
      { iss, aud: 'uzima2' },
      { iss: [iss], aud: 'uzima' },
      { iss: 'https://id.clinic.example', aud: 'uzima' },
    ]) {
      await expect(verifyAccessToken(signed(wrong))).rejects.toMatchObject({
        code: 'AUTH_TOKEN_INVALID',
      })
    }
    for (const aud of ['uzima', ['billing', 'uzima']]) {
      expect((await verifyAccessToken(signed({ iss, aud }))).userId).toBe('user-1')
    }
  })

  it('accepts what the usual library signs, with the id where the back end puts it', async () => {
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret, jwtPublicKey: rsaPem })
    const payload = { id: 'user-9', role: 'admin', exp: NOW_S + 60, iat: NOW_S }
    for (const token of [
      jsonwebtoken.sign(payload, secret),
      jsonwebtoken.sign(payload, rsa.privateKey, { algorithm: 'RS256' }),
      jsonwebtoken.sign(payload, rsa.privateKey, { algorithm: 'PS256', keyid: 'any' }),
    ]) {
      expect(await verifyAccessToken(token)).toEqual({
        userId: 'user-9',
        issuedAt: NOW_MS,
        expiresAt: NOW_MS + 60_000,
      })
    }
  })

  it('reads session and version of our own tokens only', async () => {
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret, jwtPublicKey: rsaPem })
    const payload = { ...claims, sid: 'session-1', ver: 3 }
    expect(await verifyAccessToken(forge(header, payload, secret))).toMatchObject({
      sessionId: 'session-1',
      authVersion: 3,
    })
    const foreign = jsonwebtoken.sign({ ...payload, ver: '2.0' }, rsa.privateKey, {
      algorithm: 'RS256',
    })
    expect(await verifyAccessToken(foreign)).not.toHaveProperty('sessionId')
  })

  it('says nothing of a token in what it throws', async () => {
    for (const token of [...Object.values(INVALID), signed({ exp: NOW_S - 1 })]) {
      if (typeof token !== 'string' || token.length < 40) continue
      const error = await refusalOf(token)
      const told = [error.message, error.stack, error.detail, JSON.stringify(error), error.cause]
      for (const part of token.split('.')) {
        const canary = part.slice(-16)
        if (canary.length === 16) expect(told.join('\n')).not.toContain(canary)
      }
      expect(told.join('\n')).not.toContain('user-1')
    }
  })

  it('refuses a hopeless token in no time', async () => {
    const { verifyAccessToken } = await tokensWith({ jwtSecret: secret })
    const jwe = INVALID['five parts, a JWE']
    const startedAt = performance.now()
    for (let i = 0; i < 1_000; i += 1) await verifyAccessToken(jwe).catch(() => undefined)
    expectWithin(1_000, performance.now() - startedAt, 'The refusal of 1,000 tokens')
  })
})

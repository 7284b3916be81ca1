import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jsonwebtoken from 'jsonwebtoken'
import { describe, expect, it } from 'vitest'
import { createKeys, KeyError } from '../../src/auth/keys.js'
import { secretWeakness } from '../../src/auth/secrets.js'
import { forge, newSecret, NOW_S, production, tokensWith } from './tokens.js'

const claims = { sub: 'user-1', iat: NOW_S, exp: NOW_S + 600 }
const signedWith = (secret: string): string => forge({ alg: 'HS256' }, claims, secret)

const temporaryFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'uzima-keys-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

describe('a secret', () => {
  it.each([
    'secret',
    'x'.repeat(31),
    'x'.repeat(64),
    'ab'.repeat(32),
    'Tr0ub4dor&3!'.repeat(4),
    `${'correct horse battery '.repeat(3)}corr`,
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'qwertyuiopasdfghjklzxcvbnm123456',
    'a-string-secret-at-least-256-bits-long',
    'your-super-secret-jwt-token-with-at-least-32-characters-long',
    'please-change-me-before-production-0123',
    'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  ])('is refused when it is weak or well known: %s', async (secret) => {
    for (const setting of [
      { jwtSecret: secret },
      { jwtSecret: newSecret(), jwtSecretPrevious: secret },
    ]) {
      const refusal = await createKeys({ ...production, ...setting }).catch((e: unknown) => e)
      expect(refusal).toBeInstanceOf(KeyError)
      expect(String(refusal)).toMatch(/JWT_SECRET(_PREVIOUS)? /)
      expect(String(refusal)).not.toContain(secret)
    }
  })

  it('is accepted when it is random, in every usual encoding', () => {
    for (let i = 0; i < 2_000; i += 1) {
      expect(secretWeakness(randomBytes(32).toString('hex'))).toBeUndefined()
      expect(secretWeakness(randomBytes(32).toString('base64'))).toBeUndefined()
      expect(secretWeakness(randomBytes(16).toString('hex'))).toBeUndefined()
    }
  })

  it('that is the previous one verifies and never signs', async () => {
    const [old, current] = [newSecret(), newSecret()]
    const rotated = await tokensWith({ jwtSecret: current, jwtSecretPrevious: old })
    expect((await rotated.verifyAccessToken(signedWith(old))).userId).toBe('user-1')
    const { token } = rotated.signAccessToken({ userId: 'user-1' })
    const withoutOld = await tokensWith({ jwtSecret: current })
    expect((await withoutOld.verifyAccessToken(token)).userId).toBe('user-1')
    await expect(withoutOld.verifyAccessToken(signedWith(old))).rejects.toMatchObject({
      code: 'AUTH_TOKEN_INVALID',
    })
  })
})

describe('a missing key', () => {
  it('stops the start in production with the remedy', async () => {
    await expect(createKeys(production)).rejects.toThrow(/JWT_SECRET.*openssl rand/)
  })

  it('is generated once outside production, and starters at once agree on it', async () => {
    await using folder = await temporaryFolder()
    const options = { environment: 'development', dataDir: join(folder.path, 'data') } as const
    const keys = await Promise.all(Array.from({ length: 20 }, () => createKeys(options)))
    expect(keys.every((key) => key.signingKey !== undefined)).toBe(true)
    expect(await readdir(options.dataDir)).toEqual(['jwt-secret'])
    const path = join(options.dataDir, 'jwt-secret')
    expect((await stat(path)).mode & 0o777).toBe(0o600)

    const secret = (await readFile(path, 'utf8')).trim()
    expect(secretWeakness(secret)).toBeUndefined()
    const tokens = await tokensWith(options)
    expect((await tokens.verifyAccessToken(signedWith(secret))).userId).toBe('user-1')
  })

  it('is not made anew where its file is there and empty', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'jwt-secret')
    await writeFile(path, '')
    await expect(createKeys({ environment: 'development', dataDir: folder.path })).rejects.toThrow(
      `${path} holds no key that can be used. Restore it`,
    )
    expect(await readFile(path, 'utf8')).toBe('')
  })

  it('is not generated where another issuer has one', async () => {
    await using folder = await temporaryFolder()
    const jwtJwksUrl = 'http://127.0.0.1:9/jwks'
    const keys = await createKeys({ environment: 'test', dataDir: folder.path, jwtJwksUrl })
    expect(keys.signingKey).toBeUndefined()
    expect(keys.accepts('HS256')).toBe(false)
    expect(await readdir(folder.path)).toEqual([])
  })
})

describe('a public key', () => {
  const pairs = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    EdDSA: generateKeyPairSync('ed25519'),
  }
  const pemOf = (name: keyof typeof pairs): string =>
    pairs[name].publicKey.export({ type: 'spki', format: 'pem' }).toString()

  it.each([
    ['RS256', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['ES256', ['ES256']],
    ['EdDSA', ['EdDSA', 'Ed25519']],
  ] as const)('made for %s serves the algorithms of its type only', async (name, fitting) => {
    const keys = await createKeys({ ...production, jwtPublicKey: pemOf(name) })
    const all = ['HS256', 'none', ...Object.keys(pairs), 'PS256', 'RS384', 'RS512', 'PS384']
    for (const alg of [...all, 'PS512', 'ES384', 'ES512', 'Ed25519']) {
      expect([alg, keys.accepts(alg)]).toEqual([alg, (fitting as readonly string[]).includes(alg)])
      expect(keys.configured({ alg })).toHaveLength(keys.accepts(alg) ? 1 : 0)
    }
  })

  it('serves from PEM and from a JWK alike', async () => {
    const jwk = JSON.stringify(pairs.ES256.publicKey.export({ format: 'jwk' }))
    const token = jsonwebtoken.sign(claims, pairs.ES256.privateKey, { algorithm: 'ES256' })
    for (const jwtPublicKey of [pemOf('ES256'), jwk]) {
      const { verifyAccessToken } = await tokensWith({ jwtPublicKey })
      expect((await verifyAccessToken(token)).userId).toBe('user-1')
    }
  })

  it('serves only the algorithms that are allowed', async () => {
    const jwtPublicKey = pemOf('RS256')
    const { verifyAccessToken } = await tokensWith({ jwtPublicKey, jwtAlgorithms: ['PS256'] })
    const sign = (algorithm: 'RS256' | 'PS256'): string =>
      jsonwebtoken.sign(claims, pairs.RS256.privateKey, { algorithm })
    expect((await verifyAccessToken(sign('PS256'))).userId).toBe('user-1')
    await expect(verifyAccessToken(sign('RS256'))).rejects.toMatchObject({
      code: 'AUTH_TOKEN_INVALID',
    })
  })

  it.each([
    ['a private key', pairs.EdDSA.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a private JWK', JSON.stringify(pairs.EdDSA.privateKey.export({ format: 'jwk' }))],
    ['a secret as JWK', JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' })],
    [
      'RSA of 1024 bits',
      generateKeyPairSync('rsa', { modulusLength: 1024 })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
    ],
    [
      'a key for encryption',
      JSON.stringify({ ...pairs.ES256.publicKey.export({ format: 'jwk' }), use: 'enc' }),
    ],
    ['no key', 'hello'],
    ['broken JSON', '{'],
  ])('is refused when it is %s', async (_, jwtPublicKey) => {
    await expect(createKeys({ ...production, jwtPublicKey })).rejects.toThrow(/^JWT_PUBLIC_KEY /)
  })

  it('is refused when no allowed algorithm fits', async () => {
    const options = { ...production, jwtPublicKey: pemOf('ES256'), jwtAlgorithms: ['RS256'] }
    await expect(createKeys(options)).rejects.toThrow(/JWT_ALGORITHMS/)
  })
})

import { generateKeyPairSync } from 'node:crypto'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from '../../src/config/load.js'
import { SETTINGS } from '../../src/config/schema.js'
import type { Setting } from '../../src/config/setting.js'

const SECRET = 'correct-horse-battery-staple-correct'

/** The message of the refusal; fails the test where the environment is accepted. */
const refusal = (env: NodeJS.ProcessEnv): string => {
  try {
    loadConfig(env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    if (error instanceof ConfigError) return error.message
  }
  throw new Error('The environment was accepted.')
}

describe('defaults', () => {
  it('needs no variable outside production', () => {
    expect(loadConfig({})).toMatchObject({
      environment: 'development',
      port: 3000,
      host: '127.0.0.1',
      clientUrls: ['http://localhost:3000'],
      jwtSecret: undefined,
      jwtAlgorithms: undefined,
      accessTokenTtlMs: 900_000,
      refreshTokenTtlMs: 604_800_000,
      dataDir: resolve('data'),
      adminUsername: 'admin',
      demoData: true,
      allowQueryToken: true,
      inventoryUpdateRoles: '*',
      lowStockRoles: '*',
      transports: ['polling', 'websocket'],
      trustProxy: [],
      maxConnectionsPerUser: 20,
      maxRequestsPerUser: 4,
      authFailuresPerMinute: 60,
      authStaleAfterMs: 5000,
      authCloseAfterMs: 60_000,
      maxBufferedBytes: 1_048_576,
      eventRetentionMs: 604_800_000,
    })
  })

  it('is reachable from everywhere and without demo data in production', () => {
    const config = loadConfig({ NODE_ENV: 'production', JWT_SECRET: SECRET })
    expect(config.host).toBe('0.0.0.0')
    expect(config.demoData).toBe(false)
  })

  it('takes an empty variable as not set', () => {
    expect(loadConfig({ REDIS_URL: '', PORT: ' ', JWT_SECRET: '' })).toMatchObject({
      redisUrl: undefined,
      port: 3000,
      jwtSecret: undefined,
    })
  })

  it('names the node by its host and process', () => {
    expect(loadConfig({}).nodeName).toMatch(new RegExp(`-${process.pid.toString()}$`))
  })
})

describe('values', () => {
  it.each([
    ['1500ms', 1500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
  ])('reads the duration %s as %d ms', (text, ms) => {
    expect(loadConfig({ EVENT_RETENTION: text }).eventRetentionMs).toBe(ms)
  })

  it('keeps a secret exactly as it is, spaces included', () => {
    expect(loadConfig({ JWT_SECRET: ` ${SECRET}\n` }).jwtSecret).toBe(` ${SECRET}\n`)
  })

  it('normalizes origins to what browsers send', () => {
    const { clientUrls } = loadConfig({ CLIENT_URL: 'HTTPS://Clinic.Example/, http://a:80' })
    expect(clientUrls).toEqual(['https://clinic.example', 'http://a'])
  })

  it('reads a public key whose line ends were written as \\n', () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(loadConfig({ JWT_PUBLIC_KEY: pem.replaceAll('\n', '\\n') }).jwtPublicKey).toBe(pem)
  })

  it('takes a public key as JWK as it is', () => {
    const jwk = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'k1' }
    const text = JSON.stringify(jwk)
    expect(loadConfig({ JWT_PUBLIC_KEY: text }).jwtPublicKey).toBe(text)
  })

  it('reads roles and networks as lists', () => {
    expect(
      loadConfig({ LOW_STOCK_ROLES: 'admin, pharmacist,admin', TRUST_PROXY: '10.0.0.0/8,::1' }),
    ).toMatchObject({ lowStockRoles: ['admin', 'pharmacist'], trustProxy: ['10.0.0.0/8', '::1'] })
  })
})

describe('bad values', () => {
  const privateKey = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const privateJwk = JSON.stringify(
    generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  )

  it.each([
    ['NODE_ENV', 'staging'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x10'],
    ['CLIENT_URL', '*'],
    ['CLIENT_URL', 'https://clinic.example/path'],
    ['CLIENT_URL', 'https://user@clinic.example'],
    ['CLIENT_URL', 'https://a.example,,https://b.example'],
    ['CLIENT_URL', ''],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0.0/8/8'],
    ['JWT_SECRET', 'short'],
    ['JWT_SECRET_PREVIOUS', 'short'],
    ['JWT_PUBLIC_KEY', 'not a key'],
    ['JWT_PUBLIC_KEY', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
    ['JWT_PUBLIC_KEY', privateKey],
    ['JWT_PUBLIC_KEY', privateJwk],
    ['JWT_PUBLIC_KEY', '{"kty":"RSA"}'],
    ['JWT_JWKS_URL', 'http://id.example/jwks.json'],
    ['JWT_JWKS_URL', 'file:///etc/passwd'],
    ['JWT_ALGORITHMS', 'none'],
    ['JWT_ALGORITHMS', 'RS256,none'],
    ['JWT_ISSUER', ''],
    ['JWT_AUDIENCE', ''],
    ['ACCESS_TOKEN_TTL', '900'],
    ['ACCESS_TOKEN_TTL', '0s'],
    ['REFRESH_TOKEN_TTL', '1.5h'],
    ['DATABASE_URL', 'mysql://localhost/uzima'],
    ['DATABASE_URL', 'localhost:5432'],
    ['REDIS_URL', 'localhost:6379'],
    ['ADMIN_USERNAME', 'a b'],
    ['ADMIN_PASSWORD', 'seven77'],
    ['DEMO_DATA', 'yes'],
    ['ALLOW_QUERY_TOKEN', ''],
    ['INVENTORY_UPDATE_ROLES', 'nurse'],
    ['INVENTORY_UPDATE_ROLES', ''],
    ['LOW_STOCK_ROLES', '*,admin'],
    ['TRANSPORTS', ''],
    ['TRANSPORTS', 'websockets'],
    ['MAX_CONNECTIONS_PER_USER', '0'],
    ['AUTH_FAILURES_PER_MINUTE', 'many'],
    ['AUTH_STALE_AFTER_MS', '5s'],
    ['AUTH_CLOSE_AFTER_MS', '5000'],
    ['MAX_BUFFERED_BYTES', '1MB'],
    ['EVENT_RETENTION', 'forever'],
    ['METRICS_TOKEN', ''],
    ['LOG_LEVEL', 'verbose'],
  ])('refuses %s=%j with its name and a value that works', (variable, value) => {
    const message = refusal({ [variable]: value })
    expect(message.split('\n')).toHaveLength(2)
    expect(message).toMatch(new RegExp(`^ {2}${variable}: .+ Example: .*${variable}=`, 'm'))
  })

  it('names all of them in one message', () => {
    const message = refusal({ PORT: 'x', TRANSPORTS: 'x', JWT_SECRET: 'x', EVENT_RETENTION: 'x' })
    const named = [...message.matchAll(/^ {2}([A-Z_]+):/gm)].map((match) => match[1])
    expect(named).toEqual(['PORT', 'JWT_SECRET', 'TRANSPORTS', 'EVENT_RETENTION'])
  })

  it('never shows the value of a secret', () => {
    const secrets = Object.values<Setting>(SETTINGS).filter((setting) => setting.secret === true)
    const marked = Object.fromEntries(secrets.map(({ variable }) => [variable, 'S3CR3T']))
    const message = refusal(marked)
    expect(message).toContain('JWT_SECRET: has 6 bytes')
    expect(message).toContain('DATABASE_URL: is not a URL')
    expect(message).not.toContain('S3CR3T')
  })

  it('shows at most 60 characters of any other value', () => {
    expect(refusal({ PORT: '9'.repeat(500) })).not.toContain('9'.repeat(61))
  })
})

describe('rules between settings', () => {
  it('refuses production without any key', () => {
    expect(refusal({ NODE_ENV: 'production' })).toMatch(/JWT_SECRET: is missing/)
  })

  it.each([
    { JWT_SECRET: SECRET },
    { JWT_JWKS_URL: 'https://id.example/jwks.json' },
    {
      JWT_PUBLIC_KEY: generateKeyPairSync('ed25519')
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
    },
  ])('accepts production with a key: %#', (env) => {
    expect(loadConfig({ NODE_ENV: 'production', ...env }).environment).toBe('production')
  })

  it('refuses a node that closes before it is stale', () => {
    const message = refusal({ AUTH_STALE_AFTER_MS: '9000', AUTH_CLOSE_AFTER_MS: '9000' })
    expect(message).toContain('AUTH_CLOSE_AFTER_MS: is not above AUTH_STALE_AFTER_MS')
  })

  it('refuses to keep copies of what is in a PostgreSQL, and says what does', () => {
    const DATABASE_URL = 'postgres://127.0.0.1/uzima'
    expect(refusal({ BACKUP_DIR: 'copies', DATABASE_URL })).toMatch(
      /BACKUP_DIR: .* Remove BACKUP_DIR, .* pg_dump/,
    )
  })

  it('says of a bad key in production only that it is bad', () => {
    expect(refusal({ NODE_ENV: 'production', JWT_SECRET: 'short' })).not.toContain('is missing')
  })
})

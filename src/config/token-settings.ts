import { JWS_ALGORITHMS } from './choices.js'
import { duration, jwksUrl, listOf, oneOf, publicKey, textOf } from './parsers.js'
import type { Setting } from './setting.js'

/** Whose tokens are accepted, and how long ours are valid; a part of `SETTINGS`. */
export const TOKEN_SETTINGS = {
  jwtSecret: {
    variable: 'JWT_SECRET',
    parse: textOf(32),
    example: 'the output of `openssl rand -base64 48`',
    unit: 'at least 32 bytes',
    secret: true,
    meaning:
      'HS256 key that signs and verifies our tokens; left out, one is generated once into DATA_DIR, and in production the server refuses to start unless it has a key of another issuer.',
  },
  jwtSecretPrevious: {
    variable: 'JWT_SECRET_PREVIOUS',
    parse: textOf(32),
    example: 'the JWT_SECRET before the last change',
    unit: 'at least 32 bytes',
    secret: true,
    meaning:
      'Still verifies, never signs; left out, changing JWT_SECRET refuses all tokens signed before.',
  },
  jwtPublicKey: {
    variable: 'JWT_PUBLIC_KEY',
    parse: publicKey,
    example: '-----BEGIN PUBLIC KEY-----\\nMIIB...\\n-----END PUBLIC KEY-----',
    unit: 'PEM or JWK',
    secret: true,
    meaning: 'Left out, no tokens of another issuer are accepted by a fixed public key.',
  },
  jwtJwksUrl: {
    variable: 'JWT_JWKS_URL',
    parse: jwksUrl,
    example: 'https://id.clinic.example/.well-known/jwks.json',
    secret: true,
    meaning: 'Left out, no tokens of another issuer are accepted by its published key set.',
  },
  jwtAlgorithms: {
    variable: 'JWT_ALGORITHMS',
    parse: listOf(oneOf(JWS_ALGORITHMS)),
    example: 'RS256,ES256',
    refuseEmpty: true,
    meaning:
      'Left out, each key is used with the algorithms that fit its kind; named, with those of them only.',
  },
  jwtIssuer: {
    variable: 'JWT_ISSUER',
    parse: textOf(1),
    example: 'https://id.clinic.example/',
    refuseEmpty: true,
    meaning: 'Left out, the `iss` claim is not checked.',
  },
  jwtAudience: {
    variable: 'JWT_AUDIENCE',
    parse: textOf(1),
    example: 'uzima-realtime',
    refuseEmpty: true,
    meaning:
      'Left out, the `aud` claim is not checked, so a token that the issuer made for another service serves here too.',
  },
  jwtClockToleranceMs: {
    variable: 'JWT_CLOCK_TOLERANCE',
    parse: duration('0s', '60s'),
    default: '5s',
    example: '5s',
    unit: 'duration',
    meaning:
      "Left out, an issuer's clock may be 5 seconds ahead: a token is taken that much before its `iat` and `nbf`, and told to come back before that. It lengthens no token: `exp` is exact.",
  },
  accessTokenTtlMs: {
    variable: 'ACCESS_TOKEN_TTL',
    parse: duration('1s', '366d'),
    default: '15m',
    example: '15m',
    unit: 'duration',
    meaning: 'Left out, an access token of ours is valid for 15 minutes.',
  },
  refreshTokenTtlMs: {
    variable: 'REFRESH_TOKEN_TTL',
    parse: duration('1s', '366d'),
    default: '7d',
    example: '7d',
    unit: 'duration',
    meaning: 'Left out, a login lasts as long as it is refreshed at least once in 7 days.',
  },
  refreshGraceMs: {
    variable: 'REFRESH_GRACE',
    parse: duration('0s', '1d'),
    default: '10m',
    example: '10m',
    unit: 'duration',
    meaning:
      'Left out, a client that lost the answer to a refresh may ask again with the same token for 10 minutes, as long as nobody has shown what was given for it; 0s: never, and a lost answer ends the login.',
  },
} as const satisfies Record<string, Setting>

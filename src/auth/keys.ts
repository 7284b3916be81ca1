import { createSecretKey, type KeyObject } from 'node:crypto'
import { readOrGenerateSecret } from './generated-secret.js'
import { createJwks, type KeyHeader } from './jwks.js'
import { ASYMMETRIC_ALGORITHMS, importPublicKey, parsePublicKey } from './public-key.js'
import { SECRET_REMEDY, secretWeakness } from './secrets.js'

/** The keys of this service and of the issuers it trusts, each bound to the algorithms of its type. */
export interface Keys {
  /** Signs our own tokens with HS256; undefined where only tokens of another issuer serve. */
  readonly signingKey: KeyObject | undefined
  /** Whether any key may be used with this algorithm; asked before any look-up. */
  readonly accepts: (algorithm: string) => boolean
  /** Configured keys that may have signed a token with this header. */
  readonly configured: (header: KeyHeader) => readonly KeyObject[]
  /**
   * The same of `JWT_JWKS_URL`, at once where they are known. Else asks its host, and rejects with `SERVER_UNAVAILABLE`
   * where that does not answer.
   */
  readonly published: (header: KeyHeader) => readonly KeyObject[] | Promise<readonly KeyObject[]>
}

export interface KeyOptions {
  readonly environment: 'production' | 'development' | 'test'
  /** Where a key is generated outside production when none is configured. */
  readonly dataDir: string
  readonly jwtSecret?: string | undefined
  readonly jwtSecretPrevious?: string | undefined
  /** SPKI in PEM, or a JWK. */
  readonly jwtPublicKey?: string | undefined
  readonly jwtJwksUrl?: string | undefined
  /** Narrows the algorithms of `jwtPublicKey` and `jwtJwksUrl`; our own secret is for HS256 alone, always. */
  readonly jwtAlgorithms?: readonly string[] | undefined
}

/** A key cannot be used; the message names the setting and the remedy, never the key. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

/**
 * Imports all keys once. Throws `KeyError` for a weak or well-known secret, a public key that fits no allowed algorithm,
 * and in production where there is no key at all.
 */
export const createKeys = async (options: KeyOptions): Promise<Keys> => {
  const algorithms: readonly string[] = ASYMMETRIC_ALGORITHMS.filter(
    (name) => options.jwtAlgorithms?.includes(name) ?? true,
  )
  const signingKey = importSecret('JWT_SECRET', await ownSecret(options))
  const previousKey = importSecret('JWT_SECRET_PREVIOUS', options.jwtSecretPrevious)
  const publicKey = importConfigured(options.jwtPublicKey, algorithms)
  const jwks =
    options.jwtJwksUrl === undefined
      ? undefined
      : createJwks({ url: options.jwtJwksUrl, algorithms })
  const secrets = [signingKey, previousKey].filter((key) => key !== undefined)

  return {
    signingKey,
    accepts: (algorithm) =>
      algorithm === 'HS256'
        ? secrets.length > 0
        : publicKey?.algorithms.has(algorithm) === true ||
          (jwks !== undefined && algorithms.includes(algorithm)),
    configured({ alg, kid }) {
      if (alg === 'HS256') return secrets
      const isNamedOtherwise =
        kid !== undefined && publicKey?.kid !== undefined && publicKey.kid !== kid
      if (publicKey === undefined || isNamedOtherwise || !publicKey.algorithms.has(alg)) return []
      return [publicKey.key]
    },
    published: (header) => (header.alg === 'HS256' || jwks === undefined ? [] : jwks.find(header)),
  }
}

const ownSecret = async (options: KeyOptions): Promise<string | undefined> => {
  const { jwtSecret, jwtPublicKey, jwtJwksUrl, environment, dataDir } = options
  if (jwtSecret !== undefined || jwtPublicKey !== undefined || jwtJwksUrl !== undefined) {
    return jwtSecret
  }
  if (environment !== 'production') return readOrGenerateSecret(dataDir)
  throw new KeyError(
    `Production needs a key: set JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL. For JWT_SECRET: ${SECRET_REMEDY}`,
  )
}

const importSecret = (variable: string, secret: string | undefined): KeyObject | undefined => {
  if (secret === undefined) return undefined
  const weakness = secretWeakness(secret)
  if (weakness !== undefined) throw new KeyError(`${variable} ${weakness}. ${SECRET_REMEDY}`)
  return createSecretKey(Buffer.from(secret))
}

const importConfigured = (text: string | undefined, algorithms: readonly string[]) => {
  if (text === undefined) return undefined
  const key = importPublicKey(parseConfigured(text), algorithms)
  if (key !== undefined) return key
  throw new KeyError(
    'JWT_PUBLIC_KEY fits none of the allowed algorithms: RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519. Check it against JWT_ALGORITHMS.',
  )
}

const parseConfigured = (text: string): unknown => {
  try {
    return parsePublicKey(text)
  } catch {
    throw new KeyError('JWT_PUBLIC_KEY is neither a public key in PEM (SPKI) nor a public JWK.')
  }
}

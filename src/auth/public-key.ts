import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** Algorithms of keys that verify and cannot sign; an HMAC is never among them. */
export const ASYMMETRIC_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const

/** A public key, and what it may be used with. */
export interface PublicKey {
  readonly kid: string | undefined
  readonly key: KeyObject
  readonly algorithms: ReadonlySet<string>
}

/** A public JWK (RFC 7517 section 4); what else it holds is left alone. */
const jwkSchema = z.looseObject({
  kty: z.string(),
  kid: z.string().exactOptional(),
  alg: z.string().exactOptional(),
  use: z.string().exactOptional(),
  key_ops: z.array(z.string()).exactOptional(),
  crv: z.string().exactOptional(),
})
type PublicJwk = z.infer<typeof jwkSchema>

/** A JWK Set (RFC 7517 section 5). Its members are judged one by one, so that a foreign one does not spoil the rest. */
export const jwkSetSchema = z.object({ keys: z.array(z.unknown()).max(100) })

/** Reads a public key from PEM or from a JWK; throws an Error that says what is wrong with it. */
export const parsePublicKey = (text: string): unknown => {
  if (text.trimStart().startsWith('{')) return JSON.parse(text)
  if (text.includes('PRIVATE KEY')) throw new Error('is a private key')
  return createPublicKey(text).export({ format: 'jwk' })
}

/**
 * Imports a JWK for those of the `allowed` algorithms that fit its type; undefined where none does, the key is weak
 * (RSA below 2048 bits), private, or not made for verifying.
 */
export const importPublicKey = (
  value: unknown,
  allowed: readonly string[],
): PublicKey | undefined => {
  const parsed = jwkSchema.safeParse(value)
  if (!parsed.success || !isForVerifying(parsed.data)) return undefined
  const jwk = parsed.data
  const algorithms = fittingAlgorithms(jwk).filter(
    (algorithm) => allowed.includes(algorithm) && (jwk.alg ?? algorithm) === algorithm,
  )
  const key = algorithms.length === 0 ? undefined : readKey(jwk)
  return key === undefined || isShort(key)
    ? undefined
    : { kid: jwk.kid, key, algorithms: new Set(algorithms) }
}

const readKey = (jwk: PublicJwk): KeyObject | undefined => {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    // A foreign or broken member of a set; that none serves is the caller's to say.
    return undefined
  }
}

const MIN_RSA_BITS = 2_048

/** By the number itself: leading zeros make it look longer. */
const isShort = ({ asymmetricKeyDetails }: KeyObject): boolean =>
  (asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) < MIN_RSA_BITS

const isForVerifying = (jwk: PublicJwk): boolean =>
  !('d' in jwk) &&
  (jwk.use === undefined || jwk.use === 'sig') &&
  (jwk.key_ops?.includes('verify') ?? true)

const ALGORITHM_OF_CURVE: ReadonlyMap<string, readonly string[]> = new Map([
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['OKP Ed25519', ['EdDSA', 'Ed25519']],
])

/** The type of a key decides what it may verify, never the token (RFC 8725 section 3.1). */
const fittingAlgorithms = ({ kty, crv = '' }: PublicJwk): readonly string[] => {
  if (kty !== 'RSA') return ALGORITHM_OF_CURVE.get(`${kty} ${crv}`) ?? []
  return ASYMMETRIC_ALGORITHMS.filter((name) => name.startsWith('RS') || name.startsWith('PS'))
}

import { createPublicKey } from 'node:crypto'
import { importJWK, type CryptoKey } from 'jose'
import { z } from 'zod'

/** Algorithms of keys that verify and cannot sign; an HMAC is never among them. */
export const ASYMMETRIC_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const

/** A public key, imported once for each algorithm that it may be used with. */
export interface PublicKey {
  readonly kid: string | undefined
  readonly byAlgorithm: ReadonlyMap<string, CryptoKey>
}

/** A public JWK (RFC 7517 section 4); what else it holds is left alone. */
const jwkSchema = z.looseObject({
  kty: z.string(),
  kid: z.string().exactOptional(),
  alg: z.string().exactOptional(),
  use: z.string().exactOptional(),
  key_ops: z.array(z.string()).exactOptional(),
  crv: z.string().exactOptional(),
  n: z.string().exactOptional(),
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
export const importPublicKey = async (
  value: unknown,
  allowed: readonly string[],
): Promise<PublicKey | undefined> => {
  const parsed = jwkSchema.safeParse(value)
  if (!parsed.success || !isForVerifying(parsed.data)) return undefined
  const jwk = parsed.data
  const algorithms = fittingAlgorithms(jwk).filter(
    (algorithm) => allowed.includes(algorithm) && (jwk.alg ?? algorithm) === algorithm,
  )
  const byAlgorithm = new Map<string, CryptoKey>()
  for (const algorithm of algorithms) {
    const key = await importJWK({ ...jwk, alg: algorithm }, algorithm).catch(() => undefined)
    if (key !== undefined && !(key instanceof Uint8Array)) byAlgorithm.set(algorithm, key)
  }
  return byAlgorithm.size === 0 ? undefined : { kid: jwk.kid, byAlgorithm }
}

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
const MIN_RSA_BYTES = 256

/** The type of a key decides what it may verify, never the token (RFC 8725 section 3.1). */
const fittingAlgorithms = ({ kty, crv = '', n = '' }: PublicJwk): readonly string[] => {
  if (kty !== 'RSA') return ALGORITHM_OF_CURVE.get(`${kty} ${crv}`) ?? []
  if (Buffer.from(n, 'base64url').length < MIN_RSA_BYTES) return []
  return ASYMMETRIC_ALGORITHMS.filter((name) => name.startsWith('RS') || name.startsWith('PS'))
}

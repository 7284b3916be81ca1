import { constants, createHmac, timingSafeEqual, verify, type KeyObject } from 'node:crypto'

/** How an algorithm of JWA signs; undefined members are what `node:crypto` takes for the type of key anyway. */
interface Scheme {
  /** Undefined where the type of key has its own, as Ed25519 does. */
  readonly hash: string | undefined
  readonly padding?: number
  readonly saltLength?: number
  readonly dsaEncoding?: 'ieee-p1363'
}

const PSS = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
} as const
const PKCS1 = { padding: constants.RSA_PKCS1_PADDING } as const
const TWO_NUMBERS = { dsaEncoding: 'ieee-p1363' } as const

/** RFC 7518 section 3, RFC 8037 section 3.1, RFC 9864 section 2.2. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ['RS256', { hash: 'sha256', ...PKCS1 }],
  ['RS384', { hash: 'sha384', ...PKCS1 }],
  ['RS512', { hash: 'sha512', ...PKCS1 }],
  ['PS256', { hash: 'sha256', ...PSS }],
  ['PS384', { hash: 'sha384', ...PSS }],
  ['PS512', { hash: 'sha512', ...PSS }],
  ['ES256', { hash: 'sha256', ...TWO_NUMBERS }],
  ['ES384', { hash: 'sha384', ...TWO_NUMBERS }],
  ['ES512', { hash: 'sha512', ...TWO_NUMBERS }],
  ['EdDSA', { hash: undefined }],
  ['Ed25519', { hash: undefined }],
])

/** The HMAC with SHA-256 of a text, as HS256 puts it behind a token. */
export const hs256 = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/**
 * Whether `signature` is that of `text` by `algorithm` and `key`. The caller has made sure that the key is for the
 * algorithm. At once, in this thread: an HMAC takes 5 µs, RSA 40, P-256 150, P-521 about a millisecond once for a
 * token, and a turn of the thread pool costs this thread 70.
 */
export const isSignature = (
  algorithm: string,
  key: KeyObject,
  text: string,
  signature: Buffer,
): boolean => {
  if (algorithm === 'HS256') {
    const expected = hs256(key, text)
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  }
  const scheme = SCHEMES.get(algorithm)
  if (scheme === undefined || key.type !== 'public') return false
  const { hash, ...options } = scheme
  return verify(hash, Buffer.from(text), { key, ...options }, signature)
}

import { randomBytes } from 'node:crypto'
import { isPublished } from './published-secrets.js'
import { looksRandom } from './random-text.js'

/** Fewest bytes of an HS256 key: as many as the hash gives (RFC 7518 section 3.2). */
export const MIN_SECRET_BYTES = 32

/** What to do about a weak secret, as a sentence. */
export const SECRET_REMEDY = 'Use the output of `openssl rand -base64 48`.'

/**
 * Completes the sentence "the secret ..." where it could be guessed or looked up; undefined where it is fit for HS256. What
 * was drawn at random from a usual alphabet is fit, what a person wrote is not, however long it is (decision 0028).
 */
export const secretWeakness = (secret: string): string | undefined => {
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
    return `has ${Buffer.byteLength(secret)} bytes, at least ${MIN_SECRET_BYTES} are needed`
  }
  if (isPublished(secret.trim())) return 'is printed in public lists of secrets'
  // Other people have seen it as well.
  if (JWT.test(secret)) return 'is a token, which is no secret'
  if (!looksRandom(secret.trim(), MIN_SECRET_BYTES)) {
    return 'can be guessed: it is made of words, repetition, dates, runs or other patterns, and not drawn at random'
  }
  return undefined
}

const JWT = /^eyJ[\w-]+\.eyJ[\w-]+\./

/** Makes a key of 256 random bits, as text. */
export const generateSecret = (): string => randomBytes(MIN_SECRET_BYTES).toString('base64url')

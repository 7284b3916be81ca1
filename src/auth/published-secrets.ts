import { createHash } from 'node:crypto'
import { DIGESTS } from './published-data.js'

/** With 2^48 digests and some ten thousand of them taken, a secret that nobody published is taken for one with a chance below 1e-10. */
export const DIGEST_BYTES = 6

/** The digest under which a secret is listed: however it was quoted, padded, separated or capitalised. */
export const digestOf = (secret: string): Buffer => {
  const bare = secret.toLowerCase().replace(/[^a-z0-9]/g, '')
  // Little but signs: then these are what there is to compare.
  const compared = bare.length * 2 < secret.length ? secret.trim() : bare
  return createHash('sha256').update(compared).digest().subarray(0, DIGEST_BYTES)
}

/** Whether the secret is in a public list, as it is or behind base64. */
export const isPublished = (secret: string): boolean => {
  const digests = Buffer.from(DIGESTS, 'base64')
  return [secret, Buffer.from(secret, 'base64').toString('utf8')].some((one) =>
    holds(digests, digestOf(one)),
  )
}

const holds = (sorted: Buffer, digest: Buffer): boolean => {
  let [low, high] = [0, sorted.length / DIGEST_BYTES]
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = middle * DIGEST_BYTES
    const order = sorted.compare(digest, 0, DIGEST_BYTES, at, at + DIGEST_BYTES)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle
  }
  return false
}

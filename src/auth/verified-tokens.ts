import { hash, type KeyObject } from 'node:crypto'
import type { TimelessClaims } from './claims.js'
import type { KeyHeader } from './jwks.js'

/** A token that was verified: what it says, and which key vouches for it. */
export interface VerifiedToken extends TimelessClaims {
  readonly header: KeyHeader
  readonly key: KeyObject
}

/**
 * Which tokens were verified here, so that the same one is not taken apart and computed on again. It holds digests, not
 * tokens: who reads this memory cannot log in. That a key has signed a token stays true; whether the token may be used,
 * by its key, its time and its user, is asked each time.
 */
export interface VerifiedTokens {
  /** What is known of the token of this digest; undefined from its `exp` on. */
  readonly recall: (digest: string) => VerifiedToken | undefined
  readonly remember: (digest: string, verified: VerifiedToken) => void
  readonly size: () => number
}

const SWEEP_EVERY_MS = 60_000

/**
 * @param options.capacity tokens kept, about 0.3 kB each; the one that was verified first goes first
 * @param options.now milliseconds since 1970; what has expired by it is gone within a minute in which tokens come
 */
export const createVerifiedTokens = (options: {
  readonly capacity: number
  readonly now: () => number
}): VerifiedTokens => {
  const { capacity, now } = options
  const byDigest = new Map<string, VerifiedToken>()
  let sweptAt = now()

  const sweep = (): void => {
    const nowMs = now()
    // The clock is the database's, and may be set back.
    if (Math.abs(nowMs - sweptAt) < SWEEP_EVERY_MS) return
    sweptAt = nowMs
    for (const [digest, { claims }] of byDigest) {
      if (claims.expiresAt <= nowMs) byDigest.delete(digest)
    }
  }

  return {
    recall(digest) {
      const known = byDigest.get(digest)
      if (known === undefined || known.claims.expiresAt > now()) return known
      byDigest.delete(digest)
      return undefined
    },
    remember(digest, verified) {
      sweep()
      const oldest = byDigest.keys().next()
      if (byDigest.size >= capacity && oldest.done !== true) byDigest.delete(oldest.value)
      byDigest.set(digest, verified)
    },
    size: () => byDigest.size,
  }
}

/** Names a token without being it. */
export const digestOf = (token: string): string => hash('sha256', token, 'binary')

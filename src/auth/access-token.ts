import { compactVerify, SignJWT, type CryptoKey } from 'jose'
import { AppError } from '../errors/app-error.js'
import { readClaims, type AccessClaims } from './claims.js'
import { invalidToken, parseCompactJws, type CompactJws } from './compact-jws.js'
import type { Keys } from './keys.js'

export type { AccessClaims } from './claims.js'

/**
 * Resolves to what a valid token says. Throws an `AppError`: `AUTH_TOKEN_MISSING`, `AUTH_TOKEN_INVALID`,
 * `AUTH_TOKEN_EXPIRED`, `AUTH_TOKEN_NOT_YET_VALID` with when it will be taken, or `SERVER_UNAVAILABLE` where the issuer's
 * keys cannot be had. No error holds text of the token.
 */
export type VerifyAccessToken = (token: unknown) => Promise<AccessClaims>

export interface AccessTokens {
  readonly verifyAccessToken: VerifyAccessToken
  /**
   * Signs a token of ours with HS256. Throws `SERVER_UNAVAILABLE` where there is no key of our own, because tokens come
   * from another issuer.
   */
  readonly signAccessToken: (subject: TokenSubject) => Promise<SignedToken>
}

/** Whom a token is for. Without a session and version only time and `tokens_not_before` end it. */
export interface TokenSubject {
  readonly userId: string
  readonly sessionId?: string
  readonly authVersion?: number
}

export interface SignedToken {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Whole seconds that it is valid for at least, as in RFC 6749 section 5.1. */
  readonly expiresIn: number
}

export interface AccessTokenOptions {
  readonly keys: Keys
  /** Required in `iss`, and put into our own tokens; undefined: not checked. */
  readonly issuer?: string | undefined
  /** Required in `aud`, and put into our own tokens; undefined: not checked. */
  readonly audience?: string | undefined
  /** How far an issuer's clock may be ahead of ours, in milliseconds. Default 5,000. */
  readonly clockToleranceMs?: number
  /** How long our own tokens are valid, rounded up to a second. */
  readonly ttlMs: number
  readonly now?: () => number
}

/** Verifies access tokens of all trusted issuers, and signs our own. */
export const createAccessTokens = (options: AccessTokenOptions): AccessTokens => {
  const { keys, issuer, audience, clockToleranceMs = 5_000, ttlMs, now = Date.now } = options
  const toOwnTime = createOwnTime()

  const verifyAccessToken: VerifyAccessToken = async (token) => {
    const jws = parseCompactJws(token)
    if (!keys.accepts(jws.header.alg)) throw invalidToken('No key is for this algorithm.')
    if (!(await isSigned(jws))) throw invalidToken('No key matches the signature.')
    const isOwnKey = jws.header.alg === 'HS256'
    const nowMs = now()
    const rules = { issuer, audience, isOwnKey, clockToleranceMs, nowMs }
    return toOwnTime(readClaims(jws.payload, rules), nowMs)
  }

  const isSigned = async (jws: CompactJws): Promise<boolean> =>
    (await isSignedByOneOf(jws, keys.configured(jws.header))) ||
    (await isSignedByOneOf(jws, await keys.published(jws.header)))

  const signAccessToken = async (subject: TokenSubject): Promise<SignedToken> => {
    if (keys.signingKey === undefined) {
      throw new AppError('SERVER_UNAVAILABLE', {
        detail:
          'This service has no key to sign with. Get a token from its issuer, or set JWT_SECRET.',
      })
    }
    const { userId, sessionId, authVersion } = subject
    const nowMs = now()
    const expiresAtS = Math.ceil((nowMs + ttlMs) / 1_000)
    const token = await new SignJWT({
      id: userId,
      sub: userId,
      // With milliseconds, so that a token made in the second of a revocation is on the right side of it.
      iat: nowMs / 1_000,
      exp: expiresAtS,
      ...(sessionId === undefined ? {} : { sid: sessionId }),
      ...(authVersion === undefined ? {} : { ver: authVersion }),
      ...(issuer === undefined ? {} : { iss: issuer }),
      ...(audience === undefined ? {} : { aud: audience }),
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(keys.signingKey)
    const expiresIn = Math.max(1, Math.floor(ttlMs / 1_000))
    return { token, expiresAt: expiresAtS * 1_000, expiresIn }
  }

  return { verifyAccessToken, signAccessToken }
}

/** What this node's reading of the database's clock may be wrong by: less is no lead, and what is one may be more. */
const CLOCK_READING_MS = 1_000

/**
 * Dates tokens of other issuers by our clock. Whether one was issued before a revocation is all that its time decides, and
 * an issuer that is ahead dates it too late: a token that has been seen could be shown again after the revocation. So the
 * largest lead that was seen is taken off. Ours carry a version, which no clock decides.
 */
const createOwnTime = (): ((claims: AccessClaims, nowMs: number) => AccessClaims) => {
  let leadMs = 0
  return (claims, nowMs) => {
    if (claims.authVersion !== undefined || claims.issuedAt === undefined) return claims
    leadMs = Math.max(leadMs, claims.issuedAt - nowMs)
    if (leadMs < CLOCK_READING_MS) return claims
    return { ...claims, issuedAt: claims.issuedAt - leadMs - CLOCK_READING_MS }
  }
}

const isSignedByOneOf = async (
  { token, header }: CompactJws,
  candidates: readonly CryptoKey[],
): Promise<boolean> => {
  for (const key of candidates) {
    try {
      await compactVerify(token, key, { algorithms: [header.alg] })
      return true
    } catch {
      // Another key may match; that none does is the caller's to say.
    }
  }
  return false
}

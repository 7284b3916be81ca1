import type { KeyObject } from 'node:crypto'
import { AppError, toAppError } from '../errors/app-error.js'
import { checkTime, readClaims, type AccessClaims } from './claims.js'
import { createJwsReader, invalidToken, tokenText, type CompactJws } from './compact-jws.js'
import type { Keys } from './keys.js'
import { hs256, isSignature } from './signature.js'
import { createVerifiedTokens, digestOf, type VerifiedToken } from './verified-tokens.js'

export type { AccessClaims } from './claims.js'

/**
 * Resolves to what a valid token says. Throws an `AppError`: `AUTH_TOKEN_MISSING`, `AUTH_TOKEN_INVALID`,
 * `AUTH_TOKEN_EXPIRED`, `AUTH_TOKEN_NOT_YET_VALID` with when it will be taken, or `SERVER_UNAVAILABLE` where the issuer's
 * keys cannot be had. No error holds text of the token.
 */
export type VerifyAccessToken = (token: unknown) => Promise<AccessClaims>

/**
 * Says at once why `VerifyAccessToken` would refuse a token; undefined where it would not, or where only the issuer's host
 * can tell. Remembers what it has verified.
 */
export type RefusalOf = (token: unknown) => AppError | undefined

export interface AccessTokens {
  readonly verifyAccessToken: VerifyAccessToken
  readonly refusalOf: RefusalOf
  /**
   * Signs a token of ours with HS256. Throws `SERVER_UNAVAILABLE` where there is no key of our own, because tokens come
   * from another issuer.
   */
  readonly signAccessToken: (subject: TokenSubject) => SignedToken
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
  const readJws = createJwsReader()
  const verified = createVerifiedTokens({ capacity: MAX_REMEMBERED, now })

  /** Of the token that was looked at last and is verified next, nearly always in the same turn. */
  let looked: { readonly text: string; readonly digest: string } | undefined

  const verifyAccessToken: VerifyAccessToken = async (token) => {
    const text = tokenText(token)
    const digest = looked?.text === text ? looked.digest : digestOf(text)
    looked = undefined
    const known = verified.recall(digest)
    const { claims } =
      known !== undefined && (serves(known) || (await isPublished(known)))
        ? stillValid(known)
        : await verify(text, digest)
    return toOwnTime(claims, now())
  }

  const refusalOf: RefusalOf = (token) => {
    try {
      const text = tokenText(token)
      const digest = digestOf(text)
      const known = verified.recall(digest)
      if (known === undefined) verifyAtOnce(text, digest)
      else if (serves(known)) stillValid(known)
      looked = { text, digest }
      return undefined
    } catch (error) {
      return toAppError(error)
    }
  }

  const serves = ({ header, key }: VerifiedToken): boolean => keys.configured(header).includes(key)

  /** A key that its issuer has withdrawn, or shows again, vouches for nothing that it signed before. */
  const isPublished = async ({ header, key }: VerifiedToken): Promise<boolean> =>
    (await keys.published(header)).includes(key)

  const verify = async (token: string, digest: string): Promise<VerifiedToken> => {
    const jws = read(token)
    const key =
      signerAmong(jws, keys.configured(jws.header)) ??
      signerAmong(jws, await keys.published(jws.header))
    return vouch(jws, key, digest)
  }

  /** The same where no key has to be fetched first. */
  const verifyAtOnce = (token: string, digest: string): void => {
    const jws = read(token)
    const key = signerAmong(jws, keys.configured(jws.header))
    if (key !== undefined || jws.header.alg === 'HS256') vouch(jws, key, digest)
  }

  const read = (token: string): CompactJws => {
    const jws = readJws(token)
    if (!keys.accepts(jws.header.alg)) throw invalidToken('No key is for this algorithm.')
    return jws
  }

  const vouch = (
    { header, payload }: CompactJws,
    key: KeyObject | undefined,
    digest: string,
  ): VerifiedToken => {
    if (key === undefined) throw invalidToken('No key matches the signature.')
    const isOwnKey = header.alg === 'HS256'
    const timeless = readClaims(payload(), { issuer, audience, isOwnKey })
    const found = stillValid({ ...timeless, header, key })
    verified.remember(digest, found)
    return found
  }

  const stillValid = (token: VerifiedToken): VerifiedToken => {
    checkTime(token, now(), clockToleranceMs)
    return token
  }

  const signAccessToken = (subject: TokenSubject): SignedToken => {
    if (keys.signingKey === undefined) {
      throw new AppError('SERVER_UNAVAILABLE', {
        detail:
          'This service has no key to sign with. Get a token from its issuer, or set JWT_SECRET.',
      })
    }
    const { userId, sessionId, authVersion } = subject
    const nowMs = now()
    const expiresAtS = Math.ceil((nowMs + ttlMs) / 1_000)
    const token = signHs256(keys.signingKey, {
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
    const expiresIn = Math.max(1, Math.floor(ttlMs / 1_000))
    return { token, expiresAt: expiresAtS * 1_000, expiresIn }
  }

  return { verifyAccessToken, refusalOf, signAccessToken }
}

/** Tokens whose signature is remembered: those of more sockets than a node carries. */
const MAX_REMEMBERED = 20_000

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

/** The one of the keys that signed; undefined where none did. */
const signerAmong = (
  { header, signed, signature }: CompactJws,
  candidates: readonly KeyObject[],
): KeyObject | undefined =>
  candidates.find((key) => isSignature(header.alg, key, signed, signature))

const signHs256 = (key: KeyObject, payload: object): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`
  return `${signed}.${hs256(key, signed).toString('base64url')}`
}

import { z } from 'zod'
import { AppError } from '../errors/app-error.js'
import { invalidToken, pathsOf } from './compact-jws.js'

/** What a verified token says; the role is not among it, it comes from the database. */
export interface AccessClaims {
  readonly userId: string
  /** Milliseconds since the epoch, by our clock as far as we can tell: see `createAccessTokens`. */
  readonly issuedAt?: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** The login session, claim `sid`; in tokens of our own key only. */
  readonly sessionId?: string
  /** The user's `auth_version` when the token was signed, claim `ver`; in tokens of our own key only. */
  readonly authVersion?: number
}

/** What holds for a token whenever it is looked at. */
export interface ClaimRules {
  readonly issuer: string | undefined
  readonly audience: string | undefined
  /** Whether our own secret signed: `sid` and `ver` mean something else elsewhere. */
  readonly isOwnKey: boolean
}

/** Claims that are in order but for the time, which is looked at again whenever the token is shown. */
export interface TimelessClaims {
  readonly claims: AccessClaims
  /** The later of `iat` and `nbf`, in milliseconds since the epoch; 0 where there is neither. */
  readonly validFromMs: number
}

/** A token for later than this is no matter of clocks, nor worth the wait: a wrong time zone is 14 hours at most. */
const MAX_WAIT_MS = 86_400_000
const MAX_LIFETIME_MS = 10 * 366 * 86_400_000

const UNFIT_FOR_ID = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u

const userIdSchema = z
  .string()
  .min(1)
  .max(200)
  .refine((id) => !UNFIT_FOR_ID.test(id))

/** NumericDate (RFC 7519 section 2): seconds, a fraction is allowed. */
const numericDateSchema = z.number().min(0)

const claimsSchema = z.object({
  id: userIdSchema.optional(),
  sub: userIdSchema.optional(),
  exp: numericDateSchema,
  nbf: numericDateSchema.optional(),
  iat: numericDateSchema.optional(),
  iss: z.unknown().optional(),
  aud: z.unknown().optional(),
  sid: z.unknown().optional(),
  ver: z.unknown().optional(),
})

const ownClaimsSchema = z.object({
  sid: z.string().min(1).max(200).optional(),
  ver: z.int().min(1).optional(),
})

/** Reads the claims of a token whose signature is valid. Throws `AUTH_TOKEN_INVALID`. */
export const readClaims = (payload: unknown, rules: ClaimRules): TimelessClaims => {
  const parsed = claimsSchema.safeParse(payload)
  if (!parsed.success) throw invalidToken(`Claims are refused: ${pathsOf(parsed.error)}.`)
  const { id, sub, exp, nbf, iat, iss, aud, sid, ver } = parsed.data
  const userId = id ?? sub
  if (userId === undefined) throw invalidToken('Neither id nor sub names the user.')
  if (sub !== undefined && sub !== userId) throw invalidToken('id and sub name different users.')
  const own = ownClaimsSchema.safeParse(rules.isOwnKey ? { sid, ver } : {})
  if (!own.success) throw invalidToken(`Claims are refused: ${pathsOf(own.error)}.`)
  if (rules.issuer !== undefined && iss !== rules.issuer) throw invalidToken('iss is another.')
  if (rules.audience !== undefined && !isFor(rules.audience, aud)) {
    throw invalidToken('aud does not name this service.')
  }
  const claims: AccessClaims = {
    userId,
    expiresAt: toMs(exp),
    ...(iat === undefined ? {} : { issuedAt: toMs(iat) }),
    ...(own.data.sid === undefined ? {} : { sessionId: own.data.sid }),
    ...(own.data.ver === undefined ? {} : { authVersion: own.data.ver }),
  }
  return { claims, validFromMs: Math.max(iat ?? 0, nbf ?? 0) * 1_000 }
}

/**
 * Throws where the token is not valid now: `AUTH_TOKEN_INVALID`, or where the time is all that is wrong
 * `AUTH_TOKEN_EXPIRED` or, up to a day before, `AUTH_TOKEN_NOT_YET_VALID` with when it will be taken.
 *
 * @param clockToleranceMs how far the clock of the issuer may be ahead, for `iat` and `nbf`; there is none for `exp`
 */
export const checkTime = (
  { claims, validFromMs }: TimelessClaims,
  nowMs: number,
  clockToleranceMs: number,
): void => {
  const waitMs = validFromMs - clockToleranceMs - nowMs
  const leftMs = claims.expiresAt - nowMs
  if (waitMs > MAX_WAIT_MS) throw invalidToken('iat or nbf is too far in the future.')
  if (waitMs > 0 && leftMs <= waitMs) throw invalidToken('It ends before it begins.')
  if (leftMs > MAX_LIFETIME_MS) throw invalidToken('exp is too far in the future.')
  if (leftMs <= 0) throw new AppError('AUTH_TOKEN_EXPIRED')
  if (waitMs > 0) {
    throw new AppError('AUTH_TOKEN_NOT_YET_VALID', { retryAfterMs: Math.ceil(waitMs) })
  }
}

/** RFC 7519 section 4.1.3: one audience, or several. */
const isFor = (audience: string, aud: unknown): boolean =>
  aud === audience || (Array.isArray(aud) && aud.includes(audience))

const toMs = (seconds: number): number => Math.round(seconds * 1_000)

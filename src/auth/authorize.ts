import type { Role } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { UserChanged } from '../log/entry.js'
import type { AccessClaims } from './claims.js'

/** A user as far as rights go. */
export interface AuthUser {
  readonly id: string
  readonly username: string
  readonly role: Role
  /** All that he may act as: `role` and what is granted to him for a time, sorted. */
  readonly roles: readonly Role[]
  readonly isActive: boolean
  /** Counts what ended all sessions of the user; our own tokens carry it. */
  readonly authVersion: number
  /** Milliseconds since the epoch; tokens without a version that were issued before are refused. */
  readonly tokensNotBefore: number | null
  /**
   * Of the sessions that were asked for, those that are there and have not ended. Undefined where sessions are not told
   * of: by an entry of the log about the user, by a back end that has none.
   */
  readonly liveSessionIds?: readonly string[]
}

/** Whom a token is for, by which login, and of which version of his rights. */
export type Subject = Pick<AccessClaims, 'userId' | 'sessionId' | 'authVersion'>

/** Resolves to the user as committed, with the session that was asked for; undefined where there is none. */
export type FindUser = (subject: Subject) => Promise<AuthUser | undefined>

/**
 * Decides whether a valid token still stands for its user. Throws `AUTH_USER_UNKNOWN`, `AUTH_USER_INACTIVE` or
 * `AUTH_SESSION_REVOKED`.
 */
export const authorize = (claims: AccessClaims, user: AuthUser | undefined): AuthUser => {
  if (user === undefined) throw new AppError('AUTH_USER_UNKNOWN')
  if (!user.isActive) throw new AppError('AUTH_USER_INACTIVE')
  if (isRevoked(claims, user)) throw new AppError('AUTH_SESSION_REVOKED')
  return user
}

/** The user as an entry of the log tells him; undefined where he was deleted. */
export const userOf = ({ payload }: UserChanged): AuthUser | undefined =>
  payload.deleted
    ? undefined
    : {
        id: payload.userId,
        username: payload.username,
        role: payload.role,
        roles: payload.roles ?? [payload.role],
        isActive: payload.isActive,
        authVersion: payload.authVersion,
        tokensNotBefore:
          payload.tokensNotBefore === null ? null : Date.parse(payload.tokensNotBefore),
      }

/** Whether the token was made before the last end of all sessions that `user` tells of, or its session has ended. */
export const isRevoked = (claims: AccessClaims, user: AuthUser): boolean => {
  const { sessionId, authVersion, issuedAt } = claims
  if (sessionId !== undefined && user.liveSessionIds?.includes(sessionId) === false) return true
  if (authVersion !== undefined) return authVersion !== user.authVersion
  // A token of another issuer: its time is all there is to compare.
  if (user.tokensNotBefore === null) return false
  return issuedAt === undefined || issuedAt < user.tokensNotBefore
}

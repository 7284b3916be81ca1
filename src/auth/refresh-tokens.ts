import { createHash, randomBytes } from 'node:crypto'
import type { Queryable } from '../storage/database.js'
import { USER_COLUMNS, type UserRow } from './user-row.js'

/** A refresh token with its session and user, all three locked until the end of the transaction. */
export interface LockedRefreshToken extends UserRow {
  readonly session_id: string
  readonly auth_version: number
  readonly is_used: boolean
  /** Neither expired, nor of a session that ended or was revoked, nor of a user who may not log in. */
  readonly is_valid: boolean
}

/** Makes a token of 256 random bits for the session; only its hash is stored. */
export const issueRefreshToken = async (
  tx: Queryable,
  sessionId: string,
  ttlMs: number,
): Promise<string> => {
  const token = randomBytes(32).toString('base64url')
  await tx.query(
    `insert into refresh_tokens (token_hash, session_id, expires_at)
     values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')`,
    [hashOf(token), sessionId, ttlMs],
  )
  return token
}

/**
 * Locks a token so that one of several refreshes at once uses it, and its user so that a revocation under way is waited
 * for. Undefined where there is no such token.
 */
export const lockRefreshToken = async (
  tx: Queryable,
  token: string,
): Promise<LockedRefreshToken | undefined> => {
  const [row] = await tx.query<LockedRefreshToken>(
    `select ${USER_COLUMNS}, users.auth_version, t.session_id, t.used_at is not null as is_used,
       t.expires_at > clock_timestamp() and s.ended_at is null
         and users.is_active and users.auth_version = s.auth_version as is_valid
     from refresh_tokens t join sessions s on s.id = t.session_id join users on users.id = s.user_id
     where t.token_hash = $1
     for update of t, s for share of users`,
    [hashOf(token)],
  )
  return row
}

/** From now on whoever shows this token has a copy of it. */
export const markUsed = async (tx: Queryable, token: string): Promise<void> => {
  await tx.query('update refresh_tokens set used_at = clock_timestamp() where token_hash = $1', [
    hashOf(token),
  ])
}

/** The session of a token, whatever became of the token. */
export const sessionOf = async (tx: Queryable, token: string): Promise<string | undefined> => {
  const [row] = await tx.query<{ session_id: string }>(
    'select session_id from refresh_tokens where token_hash = $1',
    [hashOf(token)],
  )
  return row?.session_id
}

/** Enough for 256 random bits: there is nothing to guess, so nothing to slow down. */
const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest()

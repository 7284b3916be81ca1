import { createHash, randomBytes } from 'node:crypto'
import type { Queryable } from '../storage/database.js'
import { USER_COLUMNS, type UserRow } from './user-row.js'

/** A refresh token with its user, and its session locked until the end of the transaction. */
export interface ShownRefreshToken extends UserRow {
  readonly session_id: string
  readonly auth_version: number
  readonly is_used: boolean
  /** Used lately, and what was given for it was not shown yet: whoever uses it again may not have got the answer. */
  readonly is_retry: boolean
  /** Neither expired, nor of a session that ended or was revoked, nor of a user who may not log in. */
  readonly is_valid: boolean
}

/** Makes a token of 256 random bits for the session, in the place of `replaces`; only hashes are stored. */
export const issueRefreshToken = async (
  tx: Queryable,
  token: { readonly sessionId: string; readonly ttlMs: number; readonly replaces?: string },
): Promise<string> => {
  const { sessionId, ttlMs, replaces } = token
  const issued = randomBytes(32).toString('base64url')
  await tx.query(
    `insert into refresh_tokens (token_hash, session_id, replaces, expires_at)
     values ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond')`,
    [hashOf(issued), sessionId, replaces === undefined ? null : hashOf(replaces), ttlMs],
  )
  return issued
}

/**
 * Finds a token, and what may be done with it. Locks its user, so that a revocation under way is waited for, and its
 * session, so that what becomes of the session's tokens is decided one after the other. Undefined where there is no such
 * token.
 */
export const lockRefreshToken = async (
  tx: Queryable,
  token: string,
  graceMs: number,
): Promise<ShownRefreshToken | undefined> => {
  const hash = hashOf(token)
  // The user first: whoever deletes one locks him before his sessions.
  const [owner] = await tx.query<{ session_id: string }>(
    `select s.id as session_id
     from refresh_tokens t join sessions s on s.id = t.session_id join users on users.id = s.user_id
     where t.token_hash = $1 for share of users`,
    [hash],
  )
  if (owner === undefined) return undefined
  await tx.query('select from sessions where id = $1 for update', [owner.session_id])
  // A statement of its own: one that waited for a lock does not see other rows as they have become meanwhile.
  const [row] = await tx.query<ShownRefreshToken>(
    `select ${USER_COLUMNS}, users.auth_version, t.session_id, t.used_at is not null as is_used,
       (t.used_at > clock_timestamp() - $2 * interval '1 millisecond' and exists (
         select from refresh_tokens given
         where given.session_id = t.session_id and given.replaces = t.token_hash and given.used_at is null)
       ) is true as is_retry,
       t.expires_at > clock_timestamp() and s.ended_at is null
         and users.is_active and users.auth_version = s.auth_version as is_valid
     from refresh_tokens t join sessions s on s.id = t.session_id join users on users.id = s.user_id
     where t.token_hash = $1`,
    [hash, graceMs],
  )
  return row
}

/** Uses a token up, and what was given for it before: whoever shows the latter from now on is not who asked again. */
export const useUp = async (tx: Queryable, sessionId: string, token: string): Promise<void> => {
  await tx.query(
    `update refresh_tokens set used_at = clock_timestamp()
     where session_id = $1 and used_at is null and (token_hash = $2 or replaces = $2)`,
    [sessionId, hashOf(token)],
  )
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

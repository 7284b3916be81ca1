import type { Database, Queryable } from '../storage/database.js'

export interface NewSession {
  readonly id: string
  readonly userId: string
  readonly authVersion: number
  /** When its access token expires, in milliseconds since the epoch. */
  readonly accessExpiresAt: number
}

export const insertSession = async (tx: Queryable, session: NewSession): Promise<void> => {
  await tx.query(
    `insert into sessions (id, user_id, auth_version, access_expires_at) values ($1, $2, $3, $4)`,
    [session.id, session.userId, session.authVersion, new Date(session.accessExpiresAt)],
  )
}

/** Notes that the session has a newer access token. */
export const extendSession = async (
  tx: Queryable,
  sessionId: string,
  accessExpiresAt: number,
): Promise<void> => {
  await tx.query(
    'update sessions set access_expires_at = greatest(access_expires_at, $2) where id = $1',
    [sessionId, new Date(accessExpiresAt)],
  )
}

/** Why a session ended before its time. */
export type EndReason = 'logout' | 'refresh_token_reused'

/** Has what the transaction does from here on be the user's doing, and says why. */
export const actAs = async (tx: Queryable, userId: string, reason = ''): Promise<void> => {
  await tx.query(
    `select set_config('uzima.actor', username, true), set_config('uzima.reason', $2, true)
     from users where id = $1`,
    [userId, reason],
  )
}

/**
 * Ends a session of the user; one that has ended stays as it is. The log tells all nodes at COMMIT, which close its sockets
 * and refuse its tokens.
 */
export const endSession = async (
  tx: Queryable,
  session: { readonly id: string; readonly userId: string; readonly reason: EndReason },
): Promise<void> => {
  await tx.query(
    `update sessions set ended_at = clock_timestamp(), end_reason = $3
     where id = $1 and user_id = $2 and ended_at is null`,
    [session.id, session.userId, session.reason],
  )
}

/**
 * Deletes sessions that no token can belong to any more, and expired refresh tokens; resolves to the number of sessions.
 * To be called now and then, from any number of nodes.
 */
export const deleteExpiredSessions = async (database: Database): Promise<number> => {
  await database.query('delete from refresh_tokens where expires_at < clock_timestamp()')
  // The hour covers a node whose clock is behind: it must not meet a live token of a session that is forgotten.
  const deleted = await database.query<{ id: string }>(
    `delete from sessions where access_expires_at < clock_timestamp() - interval '1 hour'
       and (ended_at is not null or not exists (
         select from refresh_tokens t where t.session_id = sessions.id and t.used_at is null))
     returning id`,
  )
  return deleted.length
}

import { randomUUID } from 'node:crypto'
import type { LoginResult } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database, Queryable } from '../storage/database.js'
import type { AccessTokens, SignedToken } from './access-token.js'
import type { AccessClaims } from './claims.js'
import type { Passwords } from './passwords.js'
import { issueRefreshToken, lockRefreshToken, markUsed, sessionOf } from './refresh-tokens.js'
import { endSession, extendSession, insertSession } from './sessions.js'
import { toUser, USER_COLUMNS, type UserRow } from './user-row.js'
import { isUuid } from './uuid.js'

export type TokenPair = Pick<LoginResult, 'accessToken' | 'expiresIn' | 'refreshToken'>

export interface Login {
  /**
   * Begins a session. `username` may be the e-mail address; case does not count. Throws `AUTH_CREDENTIALS_INVALID`, the
   * same in time and text for a wrong password, an unknown user, an inactive one and one without a password.
   */
  readonly login: (credentials: Credentials) => Promise<LoginResult>
  /**
   * Exchanges a refresh token for new tokens; each serves once. One that was used before has been copied, so its whole
   * session ends (RFC 9700 section 4.14.2). Throws `AUTH_REFRESH_INVALID`.
   */
  readonly refresh: (refreshToken: string) => Promise<TokenPair>
  /**
   * Ends the session of the access token, and that of the refresh token where it is the same user's. A token of another
   * issuer has no session here: it serves until it expires or the user is revoked.
   */
  readonly logout: (claims: AccessClaims, refreshToken?: string) => Promise<void>
}

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface LoginDeps {
  readonly database: Database
  readonly passwords: Passwords
  readonly accessTokens: Pick<AccessTokens, 'signAccessToken'>
  readonly refreshTokenTtlMs: number
}

export const createLogin = (deps: LoginDeps): Login => {
  const { database, passwords, accessTokens, refreshTokenTtlMs } = deps

  const login = async ({ username, password }: Credentials): Promise<LoginResult> => {
    const account = await findAccount(database, username)
    const isRight = await passwords.verify(account?.password_hash ?? null, password)
    const result =
      account !== undefined && isRight
        ? await database.transaction(beginSession(account))
        : undefined
    if (result === undefined) throw new AppError('AUTH_CREDENTIALS_INVALID')
    return result
  }

  const beginSession =
    (account: Account) =>
    async (tx: Queryable): Promise<LoginResult | undefined> => {
      // Waits for a change of the user that is under way: the session either knows it or is ended by it.
      const [user] = await tx.query<UserRow & { readonly auth_version: number }>(
        `select ${USER_COLUMNS}, auth_version from users
         where id = $1 and is_active and password_hash = $2 for share`,
        [account.id, account.password_hash],
      )
      if (user === undefined) return undefined
      const sessionId = randomUUID()
      const session = { userId: user.id, authVersion: user.auth_version }
      const access = await accessTokens.signAccessToken({ ...session, sessionId })
      await insertSession(tx, { ...session, id: sessionId, accessExpiresAt: access.expiresAt })
      const refreshToken = await issueRefreshToken(tx, sessionId, refreshTokenTtlMs)
      return { ...toPair(access, refreshToken), user: toUser(user) }
    }

  const refresh = async (refreshToken: string): Promise<TokenPair> => {
    // A refusal is told after COMMIT: thrown inside, it would undo the end of the session.
    const pair = await database.transaction((tx) => rotate(tx, refreshToken))
    if (pair === undefined) throw new AppError('AUTH_REFRESH_INVALID')
    return pair
  }

  const rotate = async (tx: Queryable, refreshToken: string): Promise<TokenPair | undefined> => {
    const found = await lockRefreshToken(tx, refreshToken)
    if (found === undefined) return undefined
    const sessionId = found.session_id
    if (found.is_used) {
      await endSession(tx, { id: sessionId, userId: found.id, reason: 'refresh_token_reused' })
      return undefined
    }
    if (!found.is_valid) return undefined
    await markUsed(tx, refreshToken)
    const access = await accessTokens.signAccessToken({
      userId: found.id,
      sessionId,
      authVersion: found.auth_version,
    })
    await extendSession(tx, sessionId, access.expiresAt)
    return toPair(access, await issueRefreshToken(tx, sessionId, refreshTokenTtlMs))
  }

  const logout = async (claims: AccessClaims, refreshToken?: string): Promise<void> => {
    const { userId, sessionId } = claims
    if (!isUuid(userId)) return
    await database.transaction(async (tx) => {
      const other = refreshToken === undefined ? undefined : await sessionOf(tx, refreshToken)
      const ids = [sessionId, other].filter((id) => id !== undefined && isUuid(id))
      // Two logouts at once lock in the same order.
      for (const id of [...new Set(ids)].sort()) {
        if (id !== undefined) await endSession(tx, { id, userId, reason: 'logout' })
      }
    })
  }

  return { login, refresh, logout }
}

interface Account {
  readonly id: string
  readonly password_hash: string | null
}

/** By name, or by e-mail address where nobody has it for a name. */
const findAccount = async (database: Database, name: string): Promise<Account | undefined> => {
  // PostgreSQL refuses NUL in any text; it is asked all the same, because each attempt takes the same time.
  const askable = name.includes('\0') ? '' : name
  const [account] = await database.query<Account>(
    `select id, password_hash from users where lower(username) = lower($1) or lower(email) = lower($1)
     order by lower(username) = lower($1) desc limit 1`,
    [askable],
  )
  return account
}

const toPair = (access: SignedToken, refreshToken: string): TokenPair => ({
  accessToken: access.token,
  expiresIn: access.expiresIn,
  refreshToken,
})

import { randomUUID } from 'node:crypto'
import type { LoginResult } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database, Queryable } from '../storage/database.js'
import type { AccessTokens, SignedToken } from './access-token.js'
import type { AccessClaims } from './claims.js'
import type { GuessLimit } from './guess-limit.js'
import { rememberPlace } from './login-places.js'
import { networkOf } from './network.js'
import type { Passwords } from './passwords.js'
import { issueRefreshToken, lockRefreshToken, sessionOf, useUp } from './refresh-tokens.js'
import { actAs, endSession, extendSession, insertSession } from './sessions.js'
import { toUser, USER_COLUMNS, type UserRow } from './user-row.js'
import { isUuid } from './uuid.js'

export type TokenPair = Pick<LoginResult, 'accessToken' | 'expiresIn' | 'refreshToken'>

export interface Login {
  /**
   * Begins a session. `username` may be the e-mail address; case does not count. Throws `AUTH_CREDENTIALS_INVALID`, the
   * same in time and text for a wrong password, an unknown user, an inactive one and one without a password, and
   * `RATE_LIMITED` after too many wrong ones for this account: from all places together where it never was right.
   */
  readonly login: (credentials: Credentials) => Promise<LoginResult>
  /**
   * Exchanges a refresh token for new tokens; each serves once. One that comes again within `refreshGraceMs`, before what
   * was given for it was shown, is a retry: it gets new tokens, and the refresh token given before is void. Any other one
   * that was used before, and a void one, has been copied, so its whole session ends (RFC 9700 section 4.14.2). Throws
   * `AUTH_REFRESH_INVALID`, and `SERVER_UNAVAILABLE`, with nothing done, where the caller has gone meanwhile.
   */
  readonly refresh: (attempt: RefreshAttempt) => Promise<TokenPair>
  /**
   * Ends the session of the access token, and that of the refresh token where it is the same user's. A token of another
   * issuer has no session here: it serves until it expires or the user is revoked.
   */
  readonly logout: (claims: AccessClaims, refreshToken?: string) => Promise<void>
}

export interface Credentials {
  readonly username: string
  readonly password: string
  /** The client's, as far as we know it: from where it is tried. */
  readonly address: string
}

export interface RefreshAttempt {
  readonly refreshToken: string
  /** The client's, as far as we know it: kept with a retry and a theft. */
  readonly address: string
  /**
   * Whether nobody waits for the answer any more. A client that gave up asks again, and that may get here before what it
   * gave up: the late one must not void what the other was given. Default: somebody does.
   */
  readonly hasGone?: () => boolean
}

export interface LoginDeps {
  readonly database: Database
  readonly passwords: Passwords
  readonly accessTokens: Pick<AccessTokens, 'signAccessToken'>
  readonly refreshTokenTtlMs: number
  /** How long after its use a token may come again; 0: never. */
  readonly refreshGraceMs: number
  /** For the guesses at one account. What is tried at one address is the caller's to bound. */
  readonly guesses: GuessLimit
}

export const createLogin = (deps: LoginDeps): Login => {
  const { database, passwords, accessTokens, refreshTokenTtlMs, refreshGraceMs, guesses } = deps

  const login = async ({ username, password, address }: Credentials): Promise<LoginResult> => {
    const place = networkOf(address)
    const account = await findAccount(database, username, place)
    // One count however the account is called; a name that nobody has is counted like one that somebody has. Where the
    // password was right before, strangers elsewhere lock nobody out: there, the count of the address is the only one.
    const forgive = account.is_known_place
      ? undefined
      : guesses.begin(account.id ?? `name:${account.name}`)
    let isWrong = false
    try {
      const isRight = await passwords.verify(account.password_hash, password)
      const result = isRight ? await database.transaction(beginSession(account, place)) : undefined
      isWrong = result === undefined
      if (result === undefined) throw new AppError('AUTH_CREDENTIALS_INVALID')
      return result
    } finally {
      if (!isWrong) forgive?.()
    }
  }

  const beginSession =
    (account: Account, place: string) =>
    async (tx: Queryable): Promise<LoginResult | undefined> => {
      // Waits for a change of the user that is under way: the session either knows it or is ended by it.
      const [user] = await tx.query<UserRow & { readonly auth_version: number }>(
        `select ${USER_COLUMNS}, auth_version from users
         where id = $1 and is_active and password_hash = $2 for share`,
        [account.id, account.password_hash],
      )
      if (user === undefined) return undefined
      await rememberPlace(tx, user.id, place)
      const sessionId = randomUUID()
      const session = { userId: user.id, authVersion: user.auth_version }
      const access = accessTokens.signAccessToken({ ...session, sessionId })
      await insertSession(tx, { ...session, id: sessionId, accessExpiresAt: access.expiresAt })
      const refreshToken = await issueRefreshToken(tx, { sessionId, ttlMs: refreshTokenTtlMs })
      return { ...toPair(access, refreshToken), user: toUser(user) }
    }

  const refresh = async (attempt: RefreshAttempt): Promise<TokenPair> => {
    // A refusal is told after COMMIT: thrown inside, it would undo the end of the session.
    const pair = await database.transaction((tx) => rotate(tx, attempt))
    if (pair === undefined) throw new AppError('AUTH_REFRESH_INVALID')
    return pair
  }

  const rotate = async (
    tx: Queryable,
    { refreshToken, address, hasGone }: RefreshAttempt,
  ): Promise<TokenPair | undefined> => {
    const found = await lockRefreshToken(tx, refreshToken, refreshGraceMs)
    if (found === undefined) return undefined
    const session = { id: found.session_id, userId: found.id }
    if (found.is_used) await actAs(tx, session.userId, `refreshed from ${address}`)
    if (found.is_used && !found.is_retry) {
      await endSession(tx, { ...session, reason: 'refresh_token_reused' })
      return undefined
    }
    if (!found.is_valid) return undefined
    await useUp(tx, session.id, refreshToken)
    const access = accessTokens.signAccessToken({
      userId: session.userId,
      sessionId: session.id,
      authVersion: found.auth_version,
    })
    await extendSession(tx, session.id, access.expiresAt)
    const next = await issueRefreshToken(tx, {
      sessionId: session.id,
      ttlMs: refreshTokenTtlMs,
      replaces: refreshToken,
    })
    if (hasGone?.() === true) throw new AppError('SERVER_UNAVAILABLE', { detail: GONE })
    return toPair(access, next)
  }

  const logout = async (claims: AccessClaims, refreshToken?: string): Promise<void> => {
    const { userId, sessionId } = claims
    if (!isUuid(userId)) return
    await database.transaction(async (tx) => {
      await actAs(tx, userId)
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

const GONE = 'Nobody waits for these tokens any more, so none were made.'

/** Who has the name, if anybody: `id` and `password_hash` are null together where nobody has. */
interface Account {
  readonly id: string | null
  readonly password_hash: string | null
  /** The name that was asked for, in the spelling that names are compared in. */
  readonly name: string
  readonly is_known_place: boolean
}

/** By name, or by e-mail address where nobody has it for a name. */
const findAccount = async (database: Database, name: string, place: string): Promise<Account> => {
  // PostgreSQL refuses NUL in any text; it is asked all the same, because each attempt takes the same time.
  const askable = name.includes('\0') ? '' : name
  const [account] = await database.query<Account>(
    `select found.id, found.password_hash, asked.name, exists (
       select from login_places where user_id = found.id and place = $2) as is_known_place
     from (select lower($1) as name) as asked left join lateral (
       select id, password_hash from users where lower(username) = asked.name or lower(email) = asked.name
       order by lower(username) = asked.name desc limit 1) as found on true`,
    [askable, place],
  )
  if (account === undefined) throw new Error('A select without a condition has no row.')
  return account
}

const toPair = (access: SignedToken, refreshToken: string): TokenPair => ({
  accessToken: access.token,
  expiresIn: access.expiresIn,
  refreshToken,
})

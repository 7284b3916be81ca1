import type { LoginResult, User } from '@uzima/contracts'
import { foreignAnswer, RealtimeError } from './errors.js'
import { createHttp, type HttpOptions } from './http.js'
import type { GetToken } from './realtime-options.js'

export interface SessionTokensOptions extends Omit<HttpOptions, 'getToken'> {
  /** Where the refresh token survives a reload. Default: nowhere, the session ends with the page. */
  readonly storage?: RefreshTokenStorage
  /** Called after each log-in, and with null when the session is over. */
  readonly onUser?: (user: User | null) => void
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
}

export interface RefreshTokenStorage {
  readonly read: () => string | null
  /** Null removes it. */
  readonly write: (refreshToken: string | null) => void
}

/** The tokens of one person's session; the access token stays in memory and is never readable in a store. */
export interface SessionTokens {
  readonly login: (username: string, password: string) => Promise<User>
  /** Goes on with the stored refresh token; resolves with null where there is none or it is refused. */
  readonly restore: () => Promise<User | null>
  /** Ends the session here at once, and on the server as far as it can be reached. */
  readonly logout: () => Promise<void>
  /** Forgets the session without telling the server: it was the server that ended it. */
  readonly forget: () => void
  /**
   * For `createUzimaClient` and what is below it; renews the token when needed, once for all callers. Before `restore` has
   * succeeded it goes on with the stored refresh token by itself.
   */
  readonly getToken: GetToken
}

interface Session {
  readonly accessToken: string
  readonly refreshToken: string
  /** Milliseconds since 1970 by this machine's own clock: the server's clock is not asked. */
  readonly expiresAt: number
}

/** Renewed this long before expiry: no request goes out with a token that dies on the way. */
const EXPIRY_MARGIN_MS = 10_000

/** Makes a session holder; nobody is logged in at first. */
export const createSessionTokens = (options: SessionTokensOptions): SessionTokens => {
  const now = options.now ?? Date.now
  const send = createHttp(options)
  let session: Session | undefined
  let refreshing: Promise<Session> | undefined
  /** Grows with each log-in and log-out: a refresh that answers late must not revive the old session. */
  let generation = 0

  const keep = (tokens: Omit<LoginResult, 'user'>): Session => {
    // Whatever answered, it did not make tokens: what is kept already stays.
    if (!isTokens(tokens)) throw foreignAnswer(200)
    const lifetimeMs = tokens.expiresIn * 1000
    session = {
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      expiresAt: now() + lifetimeMs - Math.min(EXPIRY_MARGIN_MS, lifetimeMs / 2),
    }
    options.storage?.write(tokens.refreshToken)
    return session
  }

  const forget = (): void => {
    generation += 1
    session = undefined
    refreshing = undefined
    options.storage?.write(null)
    options.onUser?.(null)
  }

  const refresh = async (refreshToken: string): Promise<Session> => {
    const startedIn = generation
    try {
      const tokens = await send<Omit<LoginResult, 'user'>>({
        method: 'POST',
        path: '/api/auth/refresh',
        body: { refreshToken },
      })
      if (startedIn !== generation) throw signedOut()
      return keep(tokens)
    } catch (thrown) {
      if (startedIn !== generation) throw signedOut()
      if (thrown instanceof RealtimeError && !thrown.retryable) forget()
      throw thrown
    } finally {
      if (startedIn === generation) refreshing = undefined
    }
  }

  // One refresh for all who ask at the same time: of several answers only the last one's refresh token serves.
  const refreshOnce = (refreshToken: string): Promise<Session> =>
    (refreshing ??= refresh(refreshToken))

  const readUser = (accessToken: string): Promise<User> =>
    createHttp({ ...options, getToken: () => accessToken })({ method: 'GET', path: '/api/auth/me' })

  return {
    login: async (username, password) => {
      const { user, ...tokens } = await send<LoginResult>({
        method: 'POST',
        path: '/api/auth/login',
        body: { username, password },
      })
      if (!isTokens(tokens)) throw foreignAnswer(200)
      generation += 1
      refreshing = undefined
      keep(tokens)
      options.onUser?.(user)
      return user
    },
    restore: async () => {
      const stored = options.storage?.read() ?? null
      if (stored === null) return null
      try {
        const { accessToken } = await refreshOnce(stored)
        const user = await readUser(accessToken)
        options.onUser?.(user)
        return user
      } catch (thrown) {
        if (!(thrown instanceof RealtimeError) || thrown.retryable) throw thrown
        if (session !== undefined) forget()
        return null
      }
    },
    logout: async () => {
      const ended = session
      forget()
      if (ended === undefined) return
      await createHttp({ ...options, getToken: () => ended.accessToken })({
        method: 'POST',
        path: '/api/auth/logout',
        body: { refreshToken: ended.refreshToken },
      })
    },
    forget,
    getToken: async ({ staleToken }) => {
      if (session === undefined) {
        // A page that was opened without a network goes on when there is one.
        const stored = options.storage?.read() ?? null
        if (stored === null) throw signedOut()
        return (await refreshOnce(stored)).accessToken
      }
      if (session.accessToken !== staleToken && now() < session.expiresAt) {
        return session.accessToken
      }
      return (await refreshOnce(session.refreshToken)).accessToken
    },
  }
}

const isTokens = (answer: Partial<LoginResult> | undefined): boolean =>
  typeof answer?.accessToken === 'string' && typeof answer.refreshToken === 'string'

const signedOut = (): RealtimeError =>
  new RealtimeError('SIGNED_OUT', 'Nobody is logged in', { retryable: false })

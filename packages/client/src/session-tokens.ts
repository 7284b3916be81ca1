import type { LoginResult, User } from '@uzima/contracts'
import { final, foreignAnswer, RealtimeError } from './errors.js'
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
  const { now = Date.now, storage, onUser } = options
  let session: Session | undefined
  let refreshing: Promise<Session> | undefined
  /** Grows with each log-in and log-out: a refresh that answers late must not revive the old session. */
  let generation = 0

  const ask = <T>(path: string, body?: object, accessToken?: string): Promise<T> =>
    createHttp({
      ...options,
      getToken: accessToken === undefined ? undefined : () => accessToken,
    })({ method: body === undefined ? 'GET' : 'POST', path: `/api/auth/${path}`, body })

  const keep = (tokens: Tokens): Session => {
    // Whatever answered, it did not make tokens: what is kept already stays.
    if (!isTokens(tokens)) throw foreignAnswer()
    const { accessToken, refreshToken } = tokens
    const lifetimeMs = tokens.expiresIn * 1000
    const expiresAt = now() + lifetimeMs - Math.min(EXPIRY_MARGIN_MS, lifetimeMs / 2)
    session = { accessToken, refreshToken, expiresAt }
    storage?.write(refreshToken)
    return session
  }

  const begin = (): void => {
    generation += 1
    refreshing = undefined
  }

  const forget = (): void => {
    begin()
    session = undefined
    storage?.write(null)
    onUser?.(null)
  }

  const refresh = async (refreshToken: string): Promise<Session> => {
    const startedIn = generation
    try {
      const tokens = await ask<Tokens>('refresh', { refreshToken })
      if (startedIn === generation) return keep(tokens)
    } catch (thrown) {
      if (startedIn === generation) {
        if (isFinal(thrown)) forget()
        throw thrown
      }
    } finally {
      if (startedIn === generation) refreshing = undefined
    }
    throw signedOut()
  }

  const getToken: GetToken = async ({ staleToken }) => {
    if (session !== undefined && session.accessToken !== staleToken && now() < session.expiresAt) {
      return session.accessToken
    }
    // A page that was opened without a network goes on when there is one.
    const refreshToken = session?.refreshToken ?? storage?.read() ?? null
    if (refreshToken === null) throw signedOut()
    // One refresh for all who ask at the same time: of several answers only the last one's refresh token serves.
    refreshing ??= refresh(refreshToken)
    return (await refreshing).accessToken
  }

  return {
    login: async (username, password) => {
      const { user, ...tokens } = await ask<LoginResult>('login', { username, password })
      keep(tokens)
      begin()
      onUser?.(user)
      return user
    },
    restore: async () => {
      if ((storage?.read() ?? null) === null) return null
      try {
        const accessToken = await getToken({ staleToken: undefined })
        const user = await ask<User>('me', undefined, accessToken)
        onUser?.(user)
        return user
      } catch (thrown) {
        if (!isFinal(thrown)) throw thrown
        if (session !== undefined) forget()
        return null
      }
    },
    logout: async () => {
      const ended = session
      forget()
      if (ended === undefined) return
      const { accessToken, refreshToken } = ended
      await ask('logout', { refreshToken }, accessToken)
    },
    forget,
    getToken,
  }
}

type Tokens = Omit<LoginResult, 'user'>

const isTokens = (answer: Partial<Tokens> | undefined): boolean =>
  typeof answer?.accessToken === 'string' && typeof answer.refreshToken === 'string'

const isFinal = (thrown: unknown): boolean => thrown instanceof RealtimeError && !thrown.retryable

const signedOut = (): RealtimeError => final('SIGNED_OUT', 'Nobody is logged in')

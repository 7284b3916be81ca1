import { tokenPairSchema, type LoginResult } from '@uzima/contracts'

/** Who plays the day: somebody with a password, or a source of ready access tokens. */
export type ClinicAuth =
  | { readonly username: string; readonly password: string }
  | { readonly token: () => string | Promise<string> }

/** Keeps one valid access token at hand. */
export interface ClinicSession {
  /** Logs in at the first call, refreshes shortly before the token ends. */
  readonly accessToken: () => Promise<string>
  /** Says that the token was refused; true where another one can be had by logging in again. */
  readonly renew: () => boolean
}

/** Posts JSON to a public path of the API. */
export type PostPublic = (path: string, body: object) => Promise<Response>

type TokenPair = Pick<LoginResult, 'accessToken' | 'expiresIn' | 'refreshToken'>

/** A token is refreshed when less than this is left of it, or half its life where that is shorter. */
const REFRESH_BEFORE_MS = 30_000

/** Keeps a session of the API alive with `post`; a token source is asked anew for every call. */
export function createClinicSession(auth: ClinicAuth, post: PostPublic): ClinicSession {
  let tokens: TokenPair | undefined
  let refreshAtMs = 0

  const keep = (pair: TokenPair): string => {
    const lifeMs = pair.expiresIn * 1000
    tokens = pair
    refreshAtMs = Date.now() + lifeMs - Math.min(REFRESH_BEFORE_MS, lifeMs / 2)
    return pair.accessToken
  }
  const logIn = async (credentials: { username: string; password: string }): Promise<string> => {
    const response = await post('/api/auth/login', credentials)
    if (response.ok) return keep(tokenPairSchema.parse(await response.json()))
    throw new Error(
      response.status === 401
        ? `The server refused the password of ${credentials.username}: check --username and --password`
        : `The server answered ${response.status.toString()} to the log-in`,
    )
  }

  return {
    accessToken: async () => {
      if ('token' in auth) return auth.token()
      const { username, password } = auth
      if (tokens === undefined) return logIn({ username, password })
      if (Date.now() < refreshAtMs) return tokens.accessToken
      const response = await post('/api/auth/refresh', { refreshToken: tokens.refreshToken })
      if (response.ok) return keep(tokenPairSchema.parse(await response.json()))
      return logIn({ username, password })
    },
    renew: () => {
      if ('token' in auth) return false
      tokens = undefined
      return true
    },
  }
}

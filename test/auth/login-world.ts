import { createAccessTokens } from '../../src/auth/access-token.js'
import { authorize } from '../../src/auth/authorize.js'
import { createGuessLimit } from '../../src/auth/guess-limit.js'
import { createKeys } from '../../src/auth/keys.js'
import { createLogin } from '../../src/auth/login.js'
import { createPasswords } from '../../src/auth/passwords.js'
import { createFindUser } from '../../src/users/find-user.js'
import { createUsers } from '../../src/users/users.js'
import { createTestDatabase, type TestDatabase } from '../support/world.js'
import { newSecret, production } from './tokens.js'

export const passwords = createPasswords({ concurrency: 4 })
export const password = 'a good pass phrase'
export const address = '192.0.2.1'

/** What a refresh token that does not serve any more is refused with. */
export const STALE = { code: 'AUTH_REFRESH_INVALID' }

/** A database with one user who can log in. */
export const openWorld = async (
  options: { readonly refreshTokenTtlMs?: number; readonly now?: () => number } = {},
) => {
  const database = await createTestDatabase()
  const keys = await createKeys({ ...production, jwtSecret: newSecret() })
  const { now = Date.now } = options
  const accessTokens = createAccessTokens({ keys, ttlMs: 900_000, now })
  const users = createUsers({ database, passwords })
  const user = await users.create('test', {
    username: 'Amina',
    email: 'Amina@clinic.example',
    role: 'doctor',
    password,
  })
  const login = createLogin({
    database,
    passwords,
    accessTokens,
    refreshTokenTtlMs: options.refreshTokenTtlMs ?? 604_800_000,
    refreshGraceMs: 600_000,
    guesses: createGuessLimit({ perMinute: 60 }),
  })
  const findUser = createFindUser(database)
  return {
    database,
    users,
    user,
    ...login,
    refresh: (refreshToken: string) => login.refresh({ refreshToken, address }),
    signAccessToken: accessTokens.signAccessToken,
    verify: accessTokens.verifyAccessToken,
    enter: () => login.login({ username: 'amina', password, address }),
    /** What a node decides on a token: undefined where it admits. */
    refusalOf: async (token: string): Promise<unknown> => {
      const claims = await accessTokens.verifyAccessToken(token)
      const found = await findUser(claims)
      try {
        authorize(claims, found)
        return undefined
      } catch (error) {
        return Reflect.get(Object(error), 'code')
      }
    },
    [Symbol.asyncDispose]: database[Symbol.asyncDispose],
  }
}

/** Which sessions the log says to have ended, in its order. */
export const endedInLog = async (world: { readonly database: TestDatabase }) =>
  world.database.query<Readonly<Record<string, unknown>>>(
    `select payload ->> 'sessionId' as "sessionId", payload ->> 'userId' as "userId",
       payload ->> 'actor' as actor from event_log where name = 'session:ended' order by seq`,
  )

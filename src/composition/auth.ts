import { createAccessTokens, type AccessTokens } from '../auth/access-token.js'
import { createAdmission, type Admission } from '../auth/admission.js'
import { createAuthFailures, type AuthFailures } from '../auth/failure-limit.js'
import type { Keys } from '../auth/keys.js'
import { createUserDirectory } from '../auth/user-directory.js'
import type { Tail } from '../log/tail.js'
import { createClientAddress, type ClientAddress } from '../middleware/client-address.js'
import type { Database } from '../storage/database.js'
import { createFindUsers } from '../users/find-user.js'
import type { Base } from './base.js'

/** The one verdict on who somebody is, for sockets and REST alike. */
export interface AuthLayer {
  readonly accessTokens: AccessTokens
  readonly admission: Admission
  /** Shared, so that an address has one budget. */
  readonly failures: AuthFailures
  readonly clientAddress: ClientAddress
}

/** Builds it on the database's users and the log's order. */
export const createAuth = (
  { config, releases }: Base,
  parts: { readonly keys: Keys; readonly database: Database; readonly tail: Tail },
): AuthLayer => {
  const { keys, database, tail } = parts
  const accessTokens = createAccessTokens({
    keys,
    issuer: config.jwtIssuer,
    audience: config.jwtAudience,
    clockToleranceMs: config.jwtClockToleranceMs,
    ttlMs: config.accessTokenTtlMs,
    now: tail.now,
  })
  const { verifyAccessToken, refusalOf } = accessTokens
  const directory = createUserDirectory({
    findUsers: createFindUsers(database),
    isFresh: () => tail.freshness() === 'fresh',
    confirm: tail.confirm,
  })
  // The first of the tail's listeners: who acts on a change of a user finds the old one forgotten.
  releases.add('directory', tail.subscribe(directory))
  return {
    accessTokens,
    admission: createAdmission({ verifyAccessToken, refusalOf, directory }),
    failures: createAuthFailures({ perMinute: config.authFailuresPerMinute }),
    clientAddress: createClientAddress(config.trustProxy),
  }
}

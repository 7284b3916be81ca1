import type { AccessClaims, RefusalOf, VerifyAccessToken } from './access-token.js'
import { authorize, type AuthUser } from './authorize.js'
import type { UserDirectory } from './user-directory.js'

/** Who somebody is, and until when: the outcome of every check there is. */
export interface Principal {
  readonly user: AuthUser
  readonly claims: AccessClaims
}

export interface Admission {
  /** Signature and claims of a token. Throws what `VerifyAccessToken` does. */
  readonly verify: VerifyAccessToken
  /** Why `verify` would refuse a token, where that can be said at once. */
  readonly refusalOf: RefusalOf
  /**
   * The user of verified claims, found, active, his session there and not ended. Throws `AUTH_USER_UNKNOWN`,
   * `AUTH_USER_INACTIVE`, `AUTH_SESSION_REVOKED`, `AUTH_STALE`, `SERVER_UNAVAILABLE`.
   */
  readonly admit: (claims: AccessClaims) => Promise<Principal>
  /**
   * Whether nothing has changed the user since `admit`. Whoever acts on a principal later than in the tick in which he
   * got it asks this in the same tick in which he acts.
   */
  readonly isCurrent: (principal: Principal) => boolean
}

/** The one verdict on a token; HTTP, handshake and refresh all ask here. */
export const createAdmission = (deps: {
  readonly verifyAccessToken: VerifyAccessToken
  /** Default: nothing can be said at once. */
  readonly refusalOf?: RefusalOf
  readonly directory: UserDirectory
}): Admission => ({
  verify: deps.verifyAccessToken,
  refusalOf: deps.refusalOf ?? (() => undefined),
  admit: async (claims) => ({
    claims,
    user: authorize(claims, await deps.directory.get(claims)),
  }),
  isCurrent: (principal) => deps.directory.isCurrent(principal.user),
})

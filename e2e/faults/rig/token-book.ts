import { signToken } from '../../rig/tokens.js'

export interface IssuedToken {
  readonly token: string
  /** When it was made or asked for, on the history's clock. */
  readonly at: number
  /** The same in milliseconds since 1970, as the token says it. */
  readonly issuedAt: number
}

/** The newest token of each user. */
export interface TokenBook {
  readonly of: (userId: string) => IssuedToken
  /** Signs another token, as another issuer does: from now on that one is given out. */
  readonly renew: (userId: string) => void
  /** From now on this one is given out, which the service has made; it was asked for at `at`. */
  readonly put: (userId: string, token: string, at: number) => void
  /** Those of the user, oldest first, that no change has ended. */
  readonly good: (userId: string) => readonly string[]
  /** The tokens that the user has now are good for nothing any more. */
  readonly ended: (userId: string) => void
  /** Everything that was ever given out; none of it may appear anywhere. */
  readonly secrets: () => readonly string[]
}

/** Makes tokens on demand. */
export const createTokenBook = (secret: string, now: () => number): TokenBook => {
  const tokens = new Map<string, IssuedToken>()
  const all: string[] = []
  const good = new Map<string, string[]>()

  const keep = (userId: string, made: IssuedToken): IssuedToken => {
    tokens.set(userId, made)
    good.set(userId, [...(good.get(userId) ?? []), made.token])
    all.push(made.token)
    return made
  }

  const make = (userId: string): IssuedToken => {
    const issuedAt = Date.now()
    return keep(userId, { token: signToken(secret, userId, { issuedAt }), at: now(), issuedAt })
  }

  return {
    of: (userId) => tokens.get(userId) ?? make(userId),
    renew: (userId) => {
      make(userId)
    },
    put: (userId, token, at) => {
      keep(userId, { token, at, issuedAt: issuedAtOf(token) })
    },
    good: (userId) => good.get(userId) ?? [],
    ended: (userId) => {
      good.delete(userId)
    },
    secrets: () => all,
  }
}

const issuedAtOf = (token: string): number => {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  // A token of the service has its time of issue.
  return (JSON.parse(payload) as { iat: number }).iat * 1_000
}

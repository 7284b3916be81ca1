import { signToken } from '../../rig/tokens.js'

export interface IssuedToken {
  readonly token: string
  /** When it was made, on the history's clock. */
  readonly at: number
  /** The same in milliseconds since 1970, as the token says it. */
  readonly issuedAt: number
}

/** The newest token of each user. */
export interface TokenBook {
  readonly of: (userId: string) => IssuedToken
  /** Logs the user in again: from now on another token is given out. */
  readonly renew: (userId: string) => void
  /** Everything that was ever given out; none of it may appear anywhere. */
  readonly secrets: () => readonly string[]
}

/** Makes tokens on demand. */
export const createTokenBook = (secret: string, now: () => number): TokenBook => {
  const tokens = new Map<string, IssuedToken>()
  const all: string[] = []

  const make = (userId: string): IssuedToken => {
    const issuedAt = Date.now()
    const made = { token: signToken(secret, userId, { issuedAt }), at: now(), issuedAt }
    tokens.set(userId, made)
    all.push(made.token)
    return made
  }

  return {
    of: (userId) => tokens.get(userId) ?? make(userId),
    renew: (userId) => {
      make(userId)
    },
    secrets: () => all,
  }
}

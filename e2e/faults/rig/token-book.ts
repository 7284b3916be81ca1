import { signToken } from './tokens.js'

/** The newest token of each user, and when it was made on the history's clock. */
export interface TokenBook {
  readonly of: (userId: string) => { readonly token: string; readonly at: number }
  /** Logs the user in again: from now on another token is given out. */
  readonly renew: (userId: string) => void
  /** Everything that was ever given out; none of it may appear anywhere. */
  readonly secrets: () => readonly string[]
}

/** Makes tokens on demand. */
export function createTokenBook(secret: string, now: () => number): TokenBook {
  const tokens = new Map<string, { token: string; at: number }>()
  const all: string[] = []

  const make = (userId: string): { token: string; at: number } => {
    const made = { token: signToken(secret, userId), at: now() }
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

import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2'
import { createLimit } from './limit.js'

export interface Passwords {
  /** Resolves to an argon2id hash as PHC string. */
  readonly hash: (password: string) => Promise<string>
  /**
   * Whether the password is the one that was hashed. Takes the same time where there is no hash (null), so that nobody
   * learns from the clock whether a user exists.
   */
  readonly verify: (hash: string | null, password: string) => Promise<boolean>
}

export interface PasswordOptions {
  /** Hashes computed at a time, each 19 MiB and one thread of Node's pool of four. Default 2. */
  readonly concurrency?: number
  /** Callers that may wait for their turn; one more is refused with `SERVER_UNAVAILABLE`. Default 200. */
  readonly maxWaiting?: number
}

/** argon2id with the least parameters of the OWASP Password Storage Cheat Sheet; argon2id is the library's default. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Of a random password that nobody kept, at the same cost. */
const HASH_OF_NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$IMiv6+J1yNWCA9IyE9H0EA$82H3WkjbaQ9WqDkTFMPjfdaN9uxrc8GRxZYQ3K7iXDM'

/** Hashes and checks passwords; a flood of logins costs bounded memory and leaves threads for everything else. */
export const createPasswords = (options: PasswordOptions = {}): Passwords => {
  const limit = createLimit({
    concurrency: options.concurrency ?? 2,
    maxWaiting: options.maxWaiting ?? 200,
  })

  return {
    hash: (password) => limit(() => argon2Hash(normalize(password), COST)),
    verify: (hash, password) =>
      limit(async () => {
        const text = normalize(password)
        try {
          if (hash?.startsWith('$argon2id$') === true) return await argon2Verify(hash, text)
        } catch {
          // Broken, written by some other program: no password matches it.
        }
        await argon2Verify(HASH_OF_NOBODY, text)
        return false
      }),
  }
}

/** The same letters may be typed as different code points, by another keyboard (NIST SP 800-63B section 5.1.1.2). */
const normalize = (password: string): string => password.normalize('NFKC')

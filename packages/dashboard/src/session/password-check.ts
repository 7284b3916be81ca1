/** Knows a password again that the server has accepted, without keeping it. */
export interface PasswordCheck {
  /** The server has accepted it. */
  readonly remember: (userId: string, password: string) => Promise<void>
  /** Whether it is that person's; null where that cannot be said here, and the server has to be asked. */
  readonly matches: (userId: string, password: string) => Promise<boolean | null>
  readonly forget: () => void
}

const ITERATIONS = 200_000
/** After so many wrong ones the server has to say, which counts on. */
const MAX_WRONG = 5

/**
 * Makes the check with which a locked page opens without a network. What it remembers, a slow salted hash, is in memory only
 * and gone with a reload. Where the address is not secure the browser offers no hash, and it remembers nothing.
 */
export const createPasswordCheck = (
  subtle: SubtleCrypto | null = (crypto as { readonly subtle?: SubtleCrypto }).subtle ?? null,
): PasswordCheck => {
  let known: {
    userId: string
    salt: Uint8Array<ArrayBuffer>
    hash: Uint8Array
    wrong: number
  } | null = null

  const hashOf = async (
    on: SubtleCrypto,
    password: string,
    salt: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array> => {
    const key = await on.importKey('raw', new TextEncoder().encode(password), 'PBKDF2', false, [
      'deriveBits',
    ])
    const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS }
    return new Uint8Array(await on.deriveBits(how, key, 256))
  }

  return {
    remember: async (userId, password) => {
      known = null
      if (subtle === null) return
      const salt = crypto.getRandomValues(new Uint8Array(16))
      known = { userId, salt, hash: await hashOf(subtle, password, salt), wrong: 0 }
    },
    matches: async (userId, password) => {
      const asked = known
      if (subtle === null || asked?.userId !== userId) return null
      const hash = await hashOf(subtle, password, asked.salt)
      if (hash.every((byte, index) => byte === asked.hash[index])) return true
      asked.wrong += 1
      if (asked.wrong >= MAX_WRONG) known = null
      return false
    },
    forget: () => {
      known = null
    },
  }
}

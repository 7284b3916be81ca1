import type { Role, User } from '@uzima/contracts'

/** The users whose name, e-mail or role has every word of `search`, whatever its case and accents. */
export const findUsers = (
  users: readonly User[],
  search: string,
  nameOfRole: (role: Role) => string,
): readonly User[] => {
  const wanted = folded(search).split(/\s+/).filter(Boolean)
  return wanted.length === 0
    ? users
    : users.filter(({ username, email, role }) => {
        const text = folded(`${username} ${email} ${nameOfRole(role)}`)
        return wanted.every((word) => text.includes(word))
      })
}

const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()

/** A password that is typed without doubt: 4 times 4 letters and digits, none that looks like another; 77 bits. */
export const suggestPassword = (): string => {
  const groups = Array.from({ length: 4 }, () =>
    Array.from({ length: 4 }, () => ALPHABET[drawBelow(ALPHABET.length)] ?? '').join(''),
  )
  return groups.join('-')
}

// Without 0 o, 1 l i and u v.
const ALPHABET = 'abcdefghjkmnpqrstwxyz23456789'

/** Each as likely as any other: what would favour the first ones is drawn again. */
const drawBelow = (limit: number): number => {
  const [value = 0] = crypto.getRandomValues(new Uint8Array(1))
  return value < 256 - (256 % limit) ? value % limit : drawBelow(limit)
}

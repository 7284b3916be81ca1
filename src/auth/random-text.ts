import { guessBits } from './guess-bits.js'

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const UPPER = LOWER.toUpperCase()
const DIGITS = '0123456789'
const ALPHANUMERIC = LOWER + UPPER + DIGITS
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')

/** What generators of secrets draw from. */
const ALPHABETS = [
  `${DIGITS}abcdef`,
  `${DIGITS}ABCDEF`,
  LOWER,
  UPPER,
  `${UPPER}234567`,
  LOWER + DIGITS,
  UPPER + DIGITS,
  LOWER + UPPER,
  ALPHANUMERIC,
  `${ALPHANUMERIC}-_`,
  `${ALPHANUMERIC}+/`,
  `${ALPHANUMERIC}!@#$%^&*`,
  `${LOWER}${DIGITS}!@#$%^&*(-_=+)`,
  PRINTABLE.trim(),
  PRINTABLE,
].map((characters) => new Set(characters))

// A random text seems this much easier to guess than it is with a chance of 2^-34, which is 6e-11.
const MARGIN_BITS = 34

/**
 * Whether the text can have been drawn at random from an alphabet that generators use, rather than written by a person.
 * False of a random one with a chance below 1e-9. A name before it (`base64:`, `key_`), UUIDs and groups are looked through.
 */
export const looksRandom = (text: string, leastLength: number): boolean =>
  !TIMED_UUID.test(text) &&
  views(text).some((view) => view.length >= leastLength - 2 && isDrawn(view))

// UUIDs of these versions say when they were made; few of their bits are random.
const TIMED_UUID =
  /^[{(]?[0-9a-f]{8}-[0-9a-f]{4}-[1267][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}[})]?$/i

const views = (text: string): readonly string[] => {
  const unnamed = text.replace(/^[a-z][a-z0-9]{0,15}[:_=.-]/i, '')
  return [...new Set([text, unnamed].flatMap((one) => [one, withoutPadding(one), ungrouped(one)]))]
}

const withoutPadding = (text: string): string => text.replace(/(?<=^[\w+/-]+)={1,2}$/, '')

/** Hexadecimal digits in groups, as UUIDs and fingerprints are written. */
const ungrouped = (text: string): string => {
  const bare = text.replace(/[-: ]/g, '')
  return /^[0-9a-f]+$/i.test(bare) ? bare : text
}

// More of it says nothing new, and takes time.
const LONGEST = 256

const isDrawn = (text: string): boolean => {
  const view = text.slice(0, LONGEST)
  const sizes = ALPHABETS.filter((alphabet) => Array.from(view).every((one) => alphabet.has(one)))
  const bits = view.length * Math.log2(Math.min(...sizes.map((alphabet) => alphabet.size)))
  return Number.isFinite(bits) && guessBits(view) > bits - MARGIN_BITS
}

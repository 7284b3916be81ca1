import { inflateRawSync } from 'node:zlib'
import { WORDS } from './published-data.js'

export const LOWER = 'abcdefghijklmnopqrstuvwxyz'
export const UPPER = LOWER.toUpperCase()
export const DIGITS = '0123456789'
export const isAscii = (char: string): boolean => char <= '~'

/** Takes a text character by character and says how likely each was; the answers for all characters sum to 1 at most. */
export type Stream = (next: string) => number

const LEET = new Map(
  Object.entries({
    0: 'o',
    1: 'i',
    3: 'e',
    4: 'a',
    5: 's',
    7: 't',
    8: 'b',
    $: 's',
    '@': 'a',
    '!': 'i',
  }),
)
const LEET_SHARE = 1 / 16
const signs = new Map<string, number>()
for (const letter of LEET.values()) signs.set(letter, (signs.get(letter) ?? 0) + 1)

const END = '|'
const LETTERS = LOWER + END
const LONGEST_CONTEXT = 6
const MOST_KNOWN = 50_000
const UNSEEN = 0.4
// Common words come first and count for more.
const RANK_OFFSET = 1_500

const corpus = END + inflateRawSync(Buffer.from(WORDS, 'base64')).toString() + END
interface Spelling {
  readonly likely: Float64Array
  /** Whether any word has these letters; else the answer is that of fewer of them. */
  readonly isKnown: boolean
}

const known = new Map<string, Spelling>()
const NOTHING: Spelling = {
  likely: new Float64Array(LETTERS.length).fill(1 / LETTERS.length),
  isKnown: true,
}

/** How likely each letter, or the end of the word, is after these letters of a word. */
const spelling = (context: string): Spelling => {
  const found = known.get(context)
  if (found !== undefined) return found
  const shorter = context === '' ? NOTHING : spelling(context.slice(1))
  const spelt = shorter.isKnown ? counted(context, shorter.likely) : shorter
  // Ever other texts would bring ever new letters together.
  if (known.size > MOST_KNOWN) known.clear()
  known.set(context, spelt)
  return spelt
}

const counted = (context: string, shorter: Float64Array): Spelling => {
  const counts = new Float64Array(LETTERS.length)
  let total = 0
  for (let at = corpus.indexOf(context); at !== -1 && at + context.length < corpus.length;) {
    const letter = LETTERS.indexOf(corpus.charAt(at + context.length))
    const count = RANK_OFFSET / (at + RANK_OFFSET)
    counts[letter] = (counts[letter] ?? 0) + count
    total += count
    at = corpus.indexOf(context, at + 1)
  }
  if (total === 0) return { likely: shorter, isKnown: false }
  const different = counts.reduce((sum, count) => sum + (count > 0 ? UNSEEN : 0), 0)
  const likely = counts.map(
    (count, i) => (count + different * (shorter[i] ?? 0)) / (total + different),
  )
  return { likely, isKnown: true }
}

const after = (context: string, letter: string): number =>
  spelling(context.slice(-LONGEST_CONTEXT)).likely[LETTERS.indexOf(letter)] ?? 0

// How often a word follows the one before without anything between.
const JOINED = 0.4
const OTHERS = 0.2
const MOST_READINGS = 5
const SEPARATORS = 33

/** Where in the current word a text may be: the letters of that word, and how likely it is to have begun there. */
interface Reading {
  readonly context: string
  readonly weight: number
}

/** Words one after another, with any separators or none, in any case, with signs that look like letters. */
export const createWordStream = (): Stream => {
  let readings: readonly Reading[] = [{ context: END, weight: 1 }]
  let last = ''
  return (next) => {
    const letter = (LEET.get(next) ?? next).toLowerCase()
    const isLetter = LOWER.includes(letter)
    const found = isLetter ? withLetter(readings, letter) : withOther(readings)
    const likely = isLetter ? writing(last, next, letter) : other(next)
    const sum = found.reduce((total, { weight }) => total + weight, 0)
    // What is in no list goes on letter by letter.
    readings =
      sum > 0
        ? found.map(({ context, weight }) => ({ context, weight: weight / sum }))
        : [{ context: END, weight: 1 }]
    last = next
    return sum * likely
  }
}

const withLetter = (readings: readonly Reading[], letter: string): readonly Reading[] => {
  let begun = 0
  const longer: Reading[] = []
  for (const { context, weight } of readings) {
    if (context === END) begun += weight * (1 - OTHERS)
    else {
      longer.push({
        context: (context + letter).slice(-LONGEST_CONTEXT),
        weight: weight * after(context, letter),
      })
      begun += weight * after(context, END) * JOINED
    }
  }
  longer.push({ context: END + letter, weight: begun * after(END, letter) })
  if (longer.length <= MOST_READINGS) return longer
  const least = Math.min(...longer.map(({ weight }) => weight))
  return longer.filter(({ weight }) => weight > least)
}

const withOther = (readings: readonly Reading[]): readonly Reading[] => [
  {
    context: END,
    weight: readings.reduce(
      (sum, { context, weight }) =>
        sum + weight * (context === END ? OTHERS : after(context, END) * (1 - JOINED)),
      0,
    ),
  },
]

/** How likely this letter is written so. */
const writing = (last: string, next: string, letter: string): number => {
  if (next.toLowerCase() !== letter) return LEET_SHARE
  const plain = 1 - (signs.get(letter) ?? 0) * LEET_SHARE
  if (!isLetter(last)) return plain / 2
  return plain * (UPPER.includes(next) === UPPER.includes(last) ? 0.88 : 0.12)
}

const isLetter = (char: string): boolean =>
  char !== '' && (LOWER.includes(char) || UPPER.includes(char))

const other = (next: string): number => {
  if (DIGITS.includes(next)) return 0.25 / DIGITS.length
  if ('-_ '.includes(next)) return 0.4 / 3
  return isAscii(next) ? 0.3 / SEPARATORS : 0
}

import { createWordStream, DIGITS, isAscii, LOWER, UPPER } from './word-bits.js'

/**
 * How many bits it takes to say this text to somebody who knows how people write secrets: words, with capitals, digits for
 * letters and any separators; runs of the alphabet and the keyboard; repetition; all that behind base64 and hex too.
 * 2^-bits is a probability: over all texts of one length it sums to 1 at most, which bounds how often a random text can
 * come out lower than its own bits.
 */
export const guessBits = (text: string): number =>
  Math.min(...readings(text, MOST_DECODINGS).map(({ inner, bits }) => mixtureBits(inner) + bits))

/** Another text that says this one, and the bits that it takes to say how. */
interface Reading {
  readonly inner: string
  readonly bits: number
}

const MOST_DECODINGS = 2
const CHOICE_BITS = 3

const readings = (text: string, decodings: number): readonly Reading[] => [
  { inner: text, bits: CHOICE_BITS },
  ...backwards(text),
  ...once(text),
  ...withoutSeparators(text),
  ...withoutDates(text),
  ...(decodings === 0 ? [] : decoded(text)).flatMap((one) =>
    (isText(one.inner) ? readings(one.inner, decodings - 1) : [{ inner: one.inner, bits: 0 }]).map(
      ({ inner, bits }) => ({ inner, bits: bits + one.bits }),
    ),
  ),
]

const isText = (text: string): boolean => !/[\0-\x08\x0e-\x1f\x7f-\x9f]/.test(text)

const backwards = (text: string): readonly Reading[] =>
  // Who turns words round adds no digits that are worth the time.
  /\d/.test(text) ? [] : [{ inner: Array.from(text).reverse().join(''), bits: CHOICE_BITS }]

/** What is said twice and more, said once. */
const once = (text: string): readonly Reading[] => {
  for (let period = 1; period <= text.length / 2; period += 1) {
    if (text.startsWith(text.slice(period))) {
      return [{ inner: text.slice(0, period), bits: CHOICE_BITS + Math.log2(text.length) }]
    }
  }
  return []
}

const SEPARATOR_BITS = Math.log2(33)

const withoutSeparators = (text: string): readonly Reading[] => {
  const inner = text.replace(/[ -/:-@[-`{-~]/g, '')
  const separators = text.length - inner.length
  // A few between words are the words' own.
  if (separators * 4 < text.length) return []
  return [{ inner, bits: CHOICE_BITS + text.length + separators * SEPARATOR_BITS }]
}

const DATE =
  /(?:19|20)\d\d([-/.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])([-/.]?)(?:0[1-9]|1[0-2])\2(?:19|20)\d\d/g
// A day of 200 years, in two orders with one of four separators.
const DATE_BITS = Math.log2(200 * 366 * 2 * 4)

const withoutDates = (text: string): readonly Reading[] => {
  const dates = text.match(DATE)?.length ?? 0
  const inner = text.replace(DATE, '')
  return dates === 0 ? [] : [{ inner, bits: CHOICE_BITS + dates * DATE_BITS + inner.length }]
}

const decoded = (text: string): readonly Reading[] => {
  const isHex =
    /^(?:[0-9a-f]{2}|[0-9A-F]{2})+$/.test(text) && !/[a-f].*[A-F]|[A-F].*[a-f]/.test(text)
  const hex = isHex ? [asText(Buffer.from(text, 'hex'))] : []
  return (/^[\w+/-]{8,}=*$/.test(text) ? [...hex, asText(Buffer.from(text, 'base64'))] : hex).map(
    // What does not fill a byte is lost.
    (inner) => ({
      inner,
      bits: CHOICE_BITS + (/[^0-9a-f]/i.test(text) ? (text.length % 4) * 2 : 0),
    }),
  )
}

const asText = (bytes: Buffer): string => {
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? bytes.toString('latin1') : text
}

/** Says how likely the next character is after those before; its answers for all characters sum to 1 at most. */
type Expert = (before: string, next: string) => number

const SYMBOLS = 96

const anything: Expert = (_, next) => {
  const code = next.charCodeAt(0)
  if (isAscii(next) && code >= 32) return 0.9 / SYMBOLS
  return code < 256 ? 0.09 / 160 : 0.01 / 65_536
}

const digits: Expert = (_, next) =>
  DIGITS.includes(next) ? 0.98 / DIGITS.length : 0.02 * anything('', next)

/** Lines of neighbours. The last is the circle on which a web page that many use makes its "random" keys. */
const LINES = [
  LOWER,
  DIGITS + DIGITS,
  '0123456789abcdef',
  Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join(''),
  'qwertyuiop[]',
  'asdfghjkl;',
  'zxcvbnm,./',
  'qwertzuiop',
  'azertyuiop',
  'qsdfghjklm',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p',
  '!@#$%^&*()',
  'a%d*g-kapdsgvkyp3s6v9y$b&e)h@mcqftjwnzr4u7x!a%c*f-jandrgukxp2s5v8y/b?d(g+kbpeshvmyq3t6w9z$c&f)j@ncrfujxn2r5u8x/a?e(h+mbqethwmzq4t7w!z%d*g-',
]

/** What comes next on a line, after two neighbours in that direction. */
const following = new Map<string, Set<string>>()
for (const line of LINES) {
  for (const one of [line, Array.from(line).reverse().join('')]) {
    for (let i = 0; i + 2 < one.length; i += 1) {
      const key = one.slice(i, i + 2)
      following.set(key, (following.get(key) ?? new Set()).add(one.charAt(i + 2)))
    }
  }
}

/** A line, or one character again and again, in every place or in every other one. */
const run =
  (stride: number): Expert =>
  (before, next) => {
    const [a, b] = [before.at(-2 * stride)?.toLowerCase(), before.at(-stride)?.toLowerCase()]
    if (a === undefined || b === undefined) return anything(before, next)
    const follow = a === b ? new Set([a]) : following.get(a + b)
    if (follow === undefined) return anything(before, next) / 2
    // There are two ways to write a letter.
    const share = follow.has(next.toLowerCase()) ? 0.45 / follow.size : 0
    return share + 0.1 * anything(before, next)
  }

const ROWS = [DIGITS, 'qwertyuiop', 'asdfghjkl;', 'zxcvbnm']
/** A hand that taps about in one row of the keyboard. */
const row: Expert = (before, next) => {
  const keys = ROWS.find((one) => one.includes(before.slice(-1).toLowerCase() || ' '))
  const near = keys?.includes(next) === true ? 0.8 / keys.length : 0
  return near + 0.2 * anything(before, next)
}

const KINDS = [LOWER, UPPER, DIGITS, '!@#$%^&*()', ' "\'+,-./:;<=>?[\\]_`{|}~']
/** A hand stays with one kind of character for a while, where a generator does not. */
const sticky: Expert = (before, next) => {
  const kind = KINDS.find((one) => one.includes(next))
  if (kind === undefined) return 0
  return (before !== '' && kind.includes(before.slice(-1)) ? 0.75 : 0.06) / kind.length
}

/** What followed the same `order` characters earlier in this text. */
const repeated =
  (order: number): Expert =>
  (before, next) => {
    const text = before.toLowerCase()
    const context = text.slice(text.length - order)
    let seen = 0
    let same = 0
    for (let at = text.indexOf(context); at + order < text.length && at !== -1;) {
      seen += 1
      if (before[at + order] === next) same += 1
      at = text.indexOf(context, at + 1)
    }
    const escape = order === 0 ? 16 : 0.5
    return (same + escape * anything(before, next)) / (seen + escape)
  }

const EXPERTS = [anything, digits, run(1), run(2), row, sticky, ...[0, 1, 2, 4].map(repeated)]
// How readily the text is taken to go on in another manner.
const SHARE = 0.03

/** Code length under a mixture whose weights follow whoever has been right of late. */
const mixtureBits = (text: string): number => {
  const streams = [
    ...EXPERTS.map((expert) => {
      let before = ''
      return (next: string): number => {
        const likely = expert(before, next)
        before += next
        return likely
      }
    }),
    createWordStream(),
  ]
  let weights = streams.map(() => 1 / streams.length)
  let bits = 0
  for (const next of text) {
    const said = streams.map((stream) => stream(next))
    const likely = said.reduce((sum, p, i) => sum + p * (weights[i] ?? 0), 0)
    bits -= Math.log2(likely)
    weights = weights.map(
      (weight, i) => ((1 - SHARE) * weight * (said[i] ?? 0)) / likely + SHARE / streams.length,
    )
  }
  return bits
}

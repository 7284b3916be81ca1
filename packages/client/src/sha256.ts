/**
 * The first 64 bits of SHA-256 of a text in UTF-8. Our own, because `crypto.subtle` is only there on https and localhost,
 * and a clinic's server is `http://192.168.x.x`.
 *
 * @see FIPS 180-4 section 6.2
 */
export const sha256Head = (text: string): bigint => {
  const bytes = new TextEncoder().encode(text)
  // Behind the text, a 1 bit; at the end of the last 64 bytes, the length in bits.
  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  // A text of half a gigabyte would not fit; there is none.
  view.setUint32(padded.length - 4, bytes.length * 8)
  let hash: readonly number[] = INITIAL
  for (let start = 0; start < padded.length; start += 64) hash = compressed(hash, view, start)
  const [high = 0, low = 0] = hash
  return BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0))
}

const compressed = (hash: readonly number[], view: DataView, start: number): readonly number[] => {
  const words: number[] = []
  let state = hash
  for (const [t, constant] of ROUNDS.entries()) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
    const { [t - 16]: v = 0, [t - 15]: x = 0, [t - 7]: y = 0, [t - 2]: z = 0 } = words
    const mixed = v + y + (turn(x, 7, 18) ^ (x >>> 3)) + (turn(z, 17, 19) ^ (z >>> 10))
    const word = t < 16 ? view.getInt32(start + t * 4) : mixed | 0
    words.push(word)
    const t1 = h + (turn(e, 6, 11) ^ turn(e, 25)) + (g ^ (e & (f ^ g))) + constant + word
    const t2 = (turn(a, 2, 13) ^ turn(a, 22)) + ((a & b) | (c & (a | b)))
    state = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g]
  }
  return state.map((value, n) => (value + (hash[n] ?? 0)) | 0)
}

/** The word turned right by so many bits, and by others, joined by "exclusive or". */
const turn = (word: number, bits: number, more?: number): number =>
  (word >>> bits) ^ (word << (32 - bits)) ^ (more === undefined ? 0 : turn(word, more))

/** The first 32 bits after the point of the roots of the first primes: no constant that somebody chose. */
const bitsOf = (root: number): number => ((root % 1) * 2 ** 32) | 0
const PRIMES: number[] = []
for (let n = 2; PRIMES.length < 64; n += 1) {
  if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n)
}
const INITIAL = PRIMES.slice(0, 8).map((prime) => bitsOf(Math.sqrt(prime)))
const ROUNDS = PRIMES.map((prime) => bitsOf(Math.cbrt(prime)))

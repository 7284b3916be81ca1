/**
 * The first 64 bits of SHA-256 of a text in UTF-8. Our own, because `crypto.subtle` is only there on https and localhost,
 * and a clinic's server is `http://192.168.x.x`.
 *
 * @see FIPS 180-4 section 6.2
 */
export const sha256Head = (text: string): bigint => {
  const words = paddedWords(new TextEncoder().encode(text))
  const hash = Int32Array.from(INITIAL)
  for (let start = 0; start < words.length; start += 16) {
    compress(hash, words.subarray(start, start + 16))
  }
  const [high = 0, low = 0] = hash
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

/** The bytes as big-endian words, with the 1 bit and the length in bits that end them: a multiple of 16 words. */
const paddedWords = (bytes: Uint8Array): Int32Array => {
  const words = new Int32Array(((bytes.length + 8) >> 6) * 16 + 16)
  for (let n = 0; n < bytes.length; n += 1) put(words, n, bytes[n] ?? 0)
  put(words, bytes.length, 0x80)
  // A text of half a gigabyte would not fit; there is none.
  words[words.length - 1] = bytes.length * 8
  return words
}

const put = (words: Int32Array, index: number, byte: number): void => {
  words[index >> 2] = (words[index >> 2] ?? 0) | (byte << (24 - (index & 3) * 8))
}

const compress = (hash: Int32Array, block: Int32Array): void => {
  const w = new Int32Array(64)
  w.set(block)
  for (let t = 16; t < 64; t += 1) {
    const a = w[t - 15] ?? 0
    const b = w[t - 2] ?? 0
    const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)
    const s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)
    w[t] = ((w[t - 16] ?? 0) + s0 + (w[t - 7] ?? 0) + s1) | 0
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
  for (let t = 0; t < 64; t += 1) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUNDS[t] ?? 0) + (w[t] ?? 0)) | 0
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0]
  }
  for (const [n, value] of [a, b, c, d, e, f, g, h].entries()) {
    hash[n] = ((hash[n] ?? 0) + value) | 0
  }
}

const turn = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

/** The first 32 bits after the point of the roots of the first primes: no constant that somebody chose. */
const bitsOfRoots = (count: number, root: (prime: number) => number): readonly number[] => {
  const primes: number[] = []
  for (let n = 2; primes.length < count; n += 1) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  }
  return primes.map((prime) => ((root(prime) % 1) * 2 ** 32) | 0)
}

const INITIAL = bitsOfRoots(8, Math.sqrt)
const ROUNDS = bitsOfRoots(64, Math.cbrt)

/** Writes ASN.1 in DER (ITU-T X.690), as much of it as a certificate takes. Nothing here reads any. */

/** One value: its tag, its length, its content. */
export const tagged = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

export const sequence = (...content: readonly Uint8Array[]): Buffer => tagged(0x30, ...content)
export const set = (...content: readonly Uint8Array[]): Buffer => tagged(0x31, ...content)
export const octets = (content: Uint8Array): Buffer => tagged(0x04, content)
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text))
export const yes = (): Buffer => tagged(0x01, Buffer.from([0xff]))

/** A number that is not negative, from its bytes. */
export const integer = (bytes: Uint8Array): Buffer => {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? Buffer.from([0]) : bytes.subarray(first)
  // A set first bit would be the sign.
  const isNegative = ((digits[0] ?? 0) & 0x80) !== 0
  return tagged(0x02, ...(isNegative ? [Buffer.from([0])] : []), digits)
}

/** @param unused bits at the end that do not count, 0 to 7 */
export const bits = (content: Uint8Array, unused = 0): Buffer =>
  tagged(0x03, Buffer.from([unused]), content)

/** Constructed, tagged for its place; what is in it keeps its own tag where that is written, too. */
export const inPlace = (place: number, ...content: readonly Uint8Array[]): Buffer =>
  tagged(0xa0 + place, ...content)

/** The content alone, under the tag of its place. */
export const atPlace = (place: number, content: Uint8Array): Buffer => tagged(0x80 + place, content)

/** An object identifier such as `2.5.29.17`. */
export const identifier = (text: string): Buffer => {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** UTCTime up to 2049, GeneralizedTime from then on, as RFC 5280 section 4.1.2.5 wants it. */
export const time = (at: Date): Buffer => {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(text.slice(2)))
    : tagged(0x18, Buffer.from(text))
}

const lengthOf = (length: number): number[] => {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 + bytes.length, ...bytes]
}

const base128 = (value: number): number[] => {
  const groups = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    groups.unshift(0x80 + (rest % 128))
  }
  return groups
}

/**
 * Makes a random UUID, version 4 (RFC 9562 section 5.4). Not `crypto.randomUUID`: browsers have that only on
 * https and localhost, and a clinic's page may well be `http://192.168.1.5:3000`.
 */
export const randomUuid = (): string => {
  const hex = [...crypto.getRandomValues(new Uint16Array(8))].map((random, n) =>
    // The version in the fourth group of digits, the variant in the fifth.
    (n === 3 ? (random & 0xfff) | 0x4000 : n === 4 ? (random & 0x3fff) | 0x8000 : random)
      .toString(16)
      .padStart(4, '0'),
  )
  return hex.join('').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

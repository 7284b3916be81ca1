import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPublished } from '../../src/auth/published-secrets.js'
import { looksRandom } from '../../src/auth/random-text.js'
import { MIN_SECRET_BYTES, secretWeakness } from '../../src/auth/secrets.js'
import { times } from '../support/long.js'

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const ALPHANUMERIC = `${LOWER}${LOWER.toUpperCase()}0123456789`
const PRINTABLE = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join('')
const drawn = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')

describe('a random secret', () => {
  it.each<[string, () => string]>([
    ['32 bytes as hex', () => randomBytes(32).toString('hex')],
    ['32 bytes as capital hex', () => randomBytes(32).toString('hex').toUpperCase()],
    ['16 bytes as hex', () => randomBytes(16).toString('hex')],
    ['24 bytes as base64', () => randomBytes(24).toString('base64')],
    ['32 bytes as base64', () => randomBytes(32).toString('base64')],
    ['48 bytes as base64', () => randomBytes(48).toString('base64')],
    ['32 bytes as base64url', () => randomBytes(32).toString('base64url')],
    ['a name and base64', () => `base64:${randomBytes(32).toString('base64')}`],
    ['hex and the end of a line', () => `${randomBytes(32).toString('hex')}\n`],
    ['32 letters and digits', () => drawn(ALPHANUMERIC, 32)],
    ['64 letters and digits', () => drawn(ALPHANUMERIC, 64)],
    ['32 small letters and digits', () => drawn(`${LOWER}0123456789`, 32)],
    ['32 small letters', () => drawn(LOWER, 32)],
    ['32 letters, digits and signs', () => drawn(`${ALPHANUMERIC}!@#$%^&*`, 32)],
    ['32 printable characters', () => drawn(PRINTABLE, 32)],
    ['64 printable characters', () => drawn(PRINTABLE, 64)],
    ['a UUID', () => randomUUID()],
    ['two UUIDs', () => randomUUID() + randomUUID()],
    ['two UUIDs and a dash', () => `${randomUUID()}-${randomUUID()}`],
  ])(
    'is never refused: %s',
    (_, draw) => {
      for (let i = 0; i < times(500, 100_000); i += 1)
        expect(secretWeakness(draw())).toBeUndefined()
    },
    times(60_000, 30 * 60_000),
  )
})

const REFUSED = [
  'my-32-character-ultra-secure-and-ultra-long-secret',
  'THIS_SHOULD_NEVER_BE_THE_KEY_IN_PRODUCTION',
  'UzimaRealtimeProductionSecret2026!',
  'p4ssw0rdp4ssw0rd!S3cr3tK3y_Pr0duct10n',
  'm.y-s_e.c-r_e.t-k_e.y-p_a.s-s_w.o-r_d',
  'secretpassword123changemeadmin1234',
  'correct-horse-battery-staple-random-words-here',
  'qwertyuiopasdfghjklzxcvbnm123456',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'aaaaaaaabbbbbbbbccccccccdddddddd',
  'aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQ',
  'aB3xaB3xaB3xaB3xaB3xaB3xaB3xaB3xaB3x',
  '9876543210zyxwvutsrqponmlkjihgfedcba',
  '0123456789abcdef0123456789abcdef',
  '00112233445566778899aabbccddeeff',
  '20240101202401022024010320240104',
  '01-01-2024-02-02-2024-03-03-2024-x',
  '12345678-1234-1234-1234-123456789012',
  '00000000-0000-0000-0000-000000000000',
  // A time and the address of a machine.
  'c232ab00-9414-11ec-b3c8-9f6bdeced846',
  // A circle of neighbours, as a web page that calls it random makes it.
  '404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970',
]

describe('a secret that a person wrote', () => {
  it.each(REFUSED)('is refused by the look of it alone: %s', (secret) => {
    expect(looksRandom(secret, MIN_SECRET_BYTES)).toBe(false)
    expect(secretWeakness(secret)).toBeDefined()
  })

  it('is refused behind base64, base64url and hex as well', () => {
    for (const secret of REFUSED) {
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        const encoded = Buffer.from(secret).toString(encoding)
        expect([encoded, looksRandom(encoded, MIN_SECRET_BYTES)]).toEqual([encoded, false])
      }
    }
  })

  it('is refused whatever words it has, however they are joined', () => {
    const word = fc.constantFrom(
      ...'secret production server medicine clinic never change please token private server string'.split(
        ' ',
      ),
      ...'people water morning another question number country together'.split(' '),
    )
    const cased = fc
      .tuple(word, fc.constantFrom(0, 1, 2))
      .map(([text, how]) =>
        how === 0
          ? text
          : how === 1
            ? text.toUpperCase()
            : text.charAt(0).toUpperCase() + text.slice(1),
      )
    const joined = fc
      .tuple(
        fc.array(cased, { minLength: 6, maxLength: 10 }),
        fc.constantFrom('', '-', '_', ' ', '.', '1'),
      )
      .map(([words, separator]) => words.join(separator))
      .filter((text) => text.length >= MIN_SECRET_BYTES)
    fc.assert(
      fc.property(joined, (text) => !looksRandom(text, MIN_SECRET_BYTES)),
      { numRuns: times(300, 20_000) },
    )
  })
})

describe('a published secret', () => {
  it('is refused although it looks random, in any case, quoted or padded', () => {
    const secret =
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'
    expect(looksRandom(secret, MIN_SECRET_BYTES)).toBe(true)
    for (const one of [secret, `"${secret}"`, `${secret}==`, secret.toUpperCase()]) {
      expect(isPublished(one)).toBe(true)
      expect(secretWeakness(one)).toMatch(/public/)
    }
    expect(isPublished(Buffer.from(secret).toString('base64'))).toBe(true)
  })

  it.each([
    ['RFC 7520', 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg'],
    ['tutorials', '9a4f2c8d3b7a1e6f45c8a0b3f267d8b1d4e6f3c8a9d2b5f8e3a9c8b5f6v8a3d9'],
    ['tutorials', '3cfa76ef14937c1c0ea519f8fc057a80fcd04a7420f8e8bcd0a7567c272e007b'],
  ])('is refused where it comes from %s: %s', (_, secret) => {
    expect(secretWeakness(secret)).toMatch(/public/)
  })

  it('is refused where it is a token', () => {
    const header = Buffer.from('{"alg":"HS256"}').toString('base64url')
    const body = Buffer.from('{"sub":"1"}').toString('base64url')
    const token = `${header}.${body}.${randomBytes(32).toString('base64url')}`
    expect(secretWeakness(token)).toMatch(/token/)
  })
})

import { randomBytes } from 'node:crypto'

/** Fewest bytes of an HS256 key: as many as the hash gives (RFC 7518 section 3.2). */
export const MIN_SECRET_BYTES = 32

/** Keys that were printed in standards, documentation and starter kits; whoever knows one can sign. */
const PUBLISHED_SECRETS = new Set([
  // The debugger of jwt.io.
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
  // RFC 7515 appendix A.1 and RFC 7520.
  'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg',
  // Tutorials of Spring and ASP.NET.
  '404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970',
  '9a4f2c8d3b7a1e6f45c8a0b3f267d8b1d4e6f3c8a9d2b5f8e3a9c8b5f6v8a3d9',
  '3cfa76ef14937c1c0ea519f8fc057a80fcd04a7420f8e8bcd0a7567c272e007b',
  'qwertyuiopasdfghjklzxcvbnm123456',
])

/** What placeholders say of themselves, with everything but letters and digits taken out. */
const PLACEHOLDERS =
  /changeme|changethis|changeit|replaceme|replacethis|yoursecret|yourjwt|yoursuper|your256bit|yourkey|mysecret|supersecret|topsecret|verysecret|secretkey|jwtsecret|secretjwt|atleast32|32characters|32chars|atleast256|notasecret|insecure|placeholder|passwordpassword|donotuse|keyboardcat/

const MIN_DISTINCT_CHARACTERS = 8

/** Completes the sentence "the secret ..." where it could be guessed or looked up; undefined where it is fit for HS256. */
export const secretWeakness = (secret: string): string | undefined => {
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
    return `has ${Buffer.byteLength(secret)} bytes, at least ${MIN_SECRET_BYTES} are needed`
  }
  if (PUBLISHED_SECRETS.has(secret)) return 'is printed in public documentation'
  if (PLACEHOLDERS.test(secret.toLowerCase().replace(/[^a-z0-9]/g, ''))) return 'is a placeholder'
  if (new Set(secret).size < MIN_DISTINCT_CHARACTERS) {
    return `is made of fewer than ${MIN_DISTINCT_CHARACTERS} different characters`
  }
  if (isRepetition(secret)) return 'repeats itself'
  if (isSequence(secret)) return 'is a sequence of neighbouring characters'
  return undefined
}

/** Makes a key of 256 random bits, as text. */
export const generateSecret = (): string => randomBytes(MIN_SECRET_BYTES).toString('base64url')

/** Whether the text goes on as it began after at most half of it. */
const isRepetition = (text: string): boolean => {
  for (let period = 1; period <= text.length / 2; period += 1) {
    if (text.startsWith(text.slice(period))) return true
  }
  return false
}

const isSequence = (text: string): boolean => {
  let neighbours = 0
  for (let i = 1; i < text.length; i += 1) {
    if (Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1)) <= 1) neighbours += 1
  }
  return neighbours > text.length / 2
}

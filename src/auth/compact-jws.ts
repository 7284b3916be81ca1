import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { AppError } from '../errors/app-error.js'
import { hasDuplicateKeys } from './json-keys.js'

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 8_192

/** A JWS in compact serialization (RFC 7515 section 7.1), taken apart; nothing in it is verified yet. */
export interface CompactJws {
  readonly header: { readonly alg: string; readonly kid?: string | undefined }
  /** Decodes it; throws `AUTH_TOKEN_INVALID`. Later than the signature is looked at: most of what is forged ends there. */
  readonly payload: () => unknown
  /** What is signed: header and payload as they came. */
  readonly signed: string
  readonly signature: Buffer
}

/** A refusal of the token; `reason` is for our log alone and holds no text of the token. */
export const invalidToken = (reason: string): AppError =>
  new AppError('AUTH_TOKEN_INVALID', { cause: reason })

/** What was sent as a token, where that is a text worth looking at. Throws `AUTH_TOKEN_MISSING` or `AUTH_TOKEN_INVALID`. */
export const tokenText = (token: unknown): string => {
  if (token === undefined || token === null || token === '')
    throw new AppError('AUTH_TOKEN_MISSING')
  if (typeof token !== 'string') throw invalidToken('The token is not a string.')
  if (token.length > MAX_TOKEN_LENGTH) throw invalidToken('The token is too long.')
  return token
}

/** Headers that are in order are remembered: nearly all tokens of an issuer have the same. */
const MAX_HEADERS = 64

/**
 * Makes the function that takes a token apart, before any cryptography. It accepts one spelling of each token only, the
 * canonical one: no padding, no white space, no stray bits. Throws `AUTH_TOKEN_INVALID`.
 */
export const createJwsReader = (): ((token: string) => CompactJws) => {
  const headers = new Map<string, CompactJws['header']>()

  const readHeader = (part: string): CompactJws['header'] => {
    const known = headers.get(part)
    if (known !== undefined) return known
    const bytes = decodeBase64url(part)
    const checked = headerSchema.safeParse(decodeJson(bytes))
    if (!checked.success) throw invalidToken(`The header is refused: ${pathsOf(checked.error)}.`)
    // Strangers choose headers, too: who fills this up makes the rest as slow as it would be without. A text of its own,
    // because a part of the token would keep all of it in memory.
    if (headers.size < MAX_HEADERS) headers.set(bytes.toString('base64url'), checked.data)
    return checked.data
  }

  return (token) => {
    const [header, payload, signature, ...more] = token.split('.')
    if (
      header === undefined ||
      payload === undefined ||
      signature === undefined ||
      more.length > 0
    ) {
      throw invalidToken('The token does not have three parts.')
    }
    return {
      header: readHeader(header),
      payload: () => decodeJson(decodeBase64url(payload)),
      signed: token.slice(0, -signature.length - 1),
      signature: decodeBase64url(signature),
    }
  }
}

/** Where a schema refused something, without the value. */
export const pathsOf = (error: z.ZodError): string =>
  error.issues.map((issue) => issue.path.join('.') || 'not an object').join(', ')

const decodeBase64url = (part: string): Buffer => {
  const bytes = Buffer.from(part, 'base64url')
  // Decoders take other alphabets, padding and white space, too: only one spelling comes out as it went in.
  if (part === '' || bytes.toString('base64url') !== part) {
    throw invalidToken('A part is not canonical base64url.')
  }
  return bytes
}

const decodeJson = (bytes: Buffer): unknown => {
  let value: unknown
  let isTwice: boolean
  try {
    if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8')
    const text = bytes.toString()
    value = JSON.parse(text)
    isTwice = hasDuplicateKeys(text, value)
  } catch {
    throw invalidToken('A part is not JSON in UTF-8.')
  }
  if (isTwice) throw invalidToken('A part names a member twice.')
  return value
}

/** Present at all, these ask us to fetch a key, to trust one that came along, or to read the token in another way. */
const absent = z.undefined().optional()

const headerSchema = z.object({
  alg: z.string(),
  kid: z
    .string()
    .max(256)
    .regex(/^[\x20-\x7e]*$/)
    .optional(),
  // Tokens for another use say so in their type (RFC 8725 section 3.11); access tokens may (RFC 9068).
  typ: z
    .string()
    .regex(/^(?:application\/)?(?:at\+)?jwt$/i)
    .optional(),
  crit: absent,
  b64: absent,
  zip: absent,
  enc: absent,
  jku: absent,
  jwk: absent,
  x5u: absent,
  x5c: absent,
})

import { z } from 'zod'
import { AppError } from '../errors/app-error.js'
import { hasDuplicateKeys } from './json-keys.js'

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 8_192

/** A JWS in compact serialization (RFC 7515 section 7.1), taken apart; nothing in it is verified yet. */
export interface CompactJws {
  readonly token: string
  readonly header: { readonly alg: string; readonly kid?: string | undefined }
  readonly payload: unknown
}

/** A refusal of the token; `reason` is for our log alone and holds no text of the token. */
export const invalidToken = (reason: string): AppError =>
  new AppError('AUTH_TOKEN_INVALID', { cause: new Error(reason) })

/**
 * Takes a token apart, before any cryptography. Accepts one spelling of each token only, the canonical one: no padding,
 * no white space, no stray bits. Throws `AUTH_TOKEN_MISSING` or `AUTH_TOKEN_INVALID`.
 */
export const parseCompactJws = (token: unknown): CompactJws => {
  if (token === undefined || token === null || token === '')
    throw new AppError('AUTH_TOKEN_MISSING')
  if (typeof token !== 'string') throw invalidToken('The token is not a string.')
  if (token.length > MAX_TOKEN_LENGTH) throw invalidToken('The token is too long.')
  const parts = token.split('.')
  const [header, payload] = parts
  if (parts.length !== 3 || header === undefined || payload === undefined) {
    throw invalidToken('The token does not have three parts.')
  }
  if (!parts.every(isCanonicalBase64url)) throw invalidToken('A part is not canonical base64url.')
  const checked = headerSchema.safeParse(decode(header))
  if (!checked.success) throw invalidToken(`The header is refused: ${pathsOf(checked.error)}.`)
  return { token, header: checked.data, payload: decode(payload) }
}

/** Where a schema refused something, without the value. */
export const pathsOf = (error: z.ZodError): string =>
  error.issues.map((issue) => issue.path.join('.') || 'not an object').join(', ')

const isCanonicalBase64url = (part: string): boolean =>
  /^[A-Za-z0-9_-]+$/.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part

const decode = (part: string): unknown => {
  let text: string
  let value: unknown
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    text = decoder.decode(Buffer.from(part, 'base64url'))
    value = JSON.parse(text)
  } catch {
    throw invalidToken('A part is not JSON in UTF-8.')
  }
  if (hasDuplicateKeys(text)) throw invalidToken('A part names a member twice.')
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

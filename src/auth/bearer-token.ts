import { AppError } from '../errors/app-error.js'

/**
 * The token of an `Authorization: Bearer` header; undefined where there is no header. Throws `AUTH_TOKEN_INVALID` where
 * it holds something else.
 *
 * @see RFC 6750 section 2.1; the scheme is case-insensitive, RFC 9110 section 11.1
 */
export const bearerToken = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined
  const token = /^Bearer +(\S+) *$/i.exec(header)?.[1]
  if (token === undefined) throw new AppError('AUTH_TOKEN_INVALID')
  return token
}

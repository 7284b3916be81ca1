import { isRecord } from '../errors.js'

/**
 * The id of the user that an access token is for, as the server reads it: `id`, else `sub`. Not verified, that is the
 * server's work. Undefined where it is no token of ours.
 */
export const tokenUser = (token: string): string | undefined => {
  const claims = claimsOf(token.split('.')[1] ?? '')
  const user = claims['id'] ?? claims['sub']
  return typeof user === 'string' ? user : undefined
}

const claimsOf = (segment: string): Record<string, unknown> => {
  try {
    const bytes = Uint8Array.from(
      atob(segment.replaceAll('-', '+').replaceAll('_', '/')),
      (character) => character.charCodeAt(0),
    )
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isRecord(claims) ? claims : {}
  } catch {
    // Not base64url of JSON: nobody's token.
    return {}
  }
}

/**
 * The id of the user that an access token is for, as the server reads it: `id`, else `sub`. Not verified, that is the
 * server's work. Undefined where it is no token of ours.
 */
export const tokenUser = (token: string): string | undefined => {
  try {
    const text = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
    // It may be any JSON; what has no members throws.
    const { id, sub } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
    const user = id ?? sub
    return typeof user === 'string' ? user : undefined
  } catch {
    // Not base64url of JSON: nobody's token.
    return undefined
  }
}

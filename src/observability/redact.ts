const REDACTED = '[redacted]'

// Maximal runs of the characters of a compact JWS. Whole runs are taken, so that the work stays linear in the length.
const TOKEN_RUN = /[\w.-]{20,}/g
/** Base64url of `{"` or `{ "`, with which the header of every JWS begins. */
const JWS_HEADER = /ey[JA]/

const SECRET_NAMES =
  'authorization|proxy-authorization|cookie|set-cookie|password|passwordHash|password_hash|secret|' +
  'token|accessToken|access_token|refreshToken|refresh_token|idToken|id_token|jwtSecret|apiKey|api_key'
/** `"token":"..."` at any depth, a list of them too. */
const SECRET_MEMBER = new RegExp(
  String.raw`("(?:${SECRET_NAMES})":)(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\])`,
  'gi',
)
/** The same inside a string that holds JSON itself. */
const QUOTED_SECRET_MEMBER = new RegExp(
  String.raw`(\\+"(?:${SECRET_NAMES})\\+"\s{0,8}:\s{0,8}\\+")[^"\\]*`,
  'gi',
)
const QUERY_SECRET = new RegExp(String.raw`([?&](?:${SECRET_NAMES})=)[^&\s"\\]+`, 'gi')
const CREDENTIALS = /\b(Bearer|Basic)\s+[^\s"\\,;]+/gi
const URL_PASSWORD = /(:\/\/[^\s:/@"\\]{0,100}:)[^\s@/"\\]+@/g

/** What every pattern above has something of; a line that has nothing of it needs no second look, and few have. */
const SUSPICIOUS =
  /(?:authorization|cookie|password|hash|secret|token|api_?key)["\\=]|(?:bearer|basic)\s|@|ey[ja]/i

/**
 * Replaces in one serialized log line whatever looks like a token or is named like a secret. A second net: the code
 * that logs has no business handing secrets to the logger. Keeps JSON valid.
 */
export const redactLine = (line: string): string => (SUSPICIOUS.test(line) ? redact(line) : line)

const redact = (line: string): string =>
  line
    .replace(SECRET_MEMBER, `$1"${REDACTED}"`)
    .replace(QUOTED_SECRET_MEMBER, `$1${REDACTED}`)
    .replace(QUERY_SECRET, `$1${REDACTED}`)
    .replace(CREDENTIALS, `$1 ${REDACTED}`)
    .replace(URL_PASSWORD, `$1${REDACTED}@`)
    .replace(TOKEN_RUN, redactRun)

const redactRun = (run: string): string => {
  const start = run.search(JWS_HEADER)
  return start === -1 ? run : run.slice(0, start) + REDACTED
}

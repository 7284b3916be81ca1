import type { DatabaseUrl } from '../config/database-url.js'
import { StartError } from '../config/start-errors.js'
import { READ_ONLY } from './unavailable.js'

/**
 * What a first statement that failed means for DATABASE_URL: one sentence on what went wrong, one on what to do. Never the
 * password, not even where the driver's own message has it.
 */
export const explainPostgresError = (error: unknown, target: DatabaseUrl): StartError => {
  if (error instanceof StartError) return error
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const other: Sentence = () => `${message || code}. Correct the URL.`
  const sentence = CODES[code] ?? byMessage(message) ?? other
  const { user, database, hasPassword, redact } = target
  const at = target.servers.map((server) => server.at).join(' and ')
  const host = target.servers.map((server) => server.host).join('" or "')
  return new StartError(
    redact(`DATABASE_URL: ${sentence({ at, host, user, database, hasPassword })}`),
    { cause: error },
  )
}

/** What the sentences speak of; the password is not in it. */
interface Target {
  /** `host:port`, or the folder of a socket; all of them where there are several. */
  readonly at: string
  readonly host: string
  readonly user: string
  readonly database: string
  readonly hasPassword: boolean
}

type Sentence = (target: Target) => string

const unreachable: Sentence = ({ at }) =>
  `PostgreSQL at ${at} does not answer. Check host and port, and whether a firewall is between.`
const notLetIn: Sentence = ({ at, user, database }) =>
  `PostgreSQL at ${at} does not let the user "${user}" into the database "${database}". Check the user and pg_hba.conf there.`
const badPassword: Sentence = ({ at, user, hasPassword }) =>
  hasPassword
    ? `PostgreSQL at ${at} refuses the password of the user "${user}", or has no such user. Correct them.`
    : `PostgreSQL at ${at} asks for a password of the user "${user}". Put it into the URL, as user:password@host.`
const unknownHost: Sentence = ({ host }) =>
  `the host "${host}" is not known. Correct the name, or check the DNS.`
const untrusted: Sentence = ({ at }) =>
  `the certificate of PostgreSQL at ${at} is not trusted. Name its authority with sslrootcert=<file> in the URL, and the host as the certificate does.`
const noTls: Sentence = ({ at }) =>
  `PostgreSQL at ${at} does not serve TLS, which sslmode asks for. Switch ssl on there, or remove sslmode where the network is trusted.`

/** By the code of the system, of TLS, or of PostgreSQL (its appendix A). */
const CODES: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: ({ at }) =>
    `nothing listens at ${at}. Start PostgreSQL there, or correct host and port.`,
  ENOENT: ({ at }) => `there is no socket of PostgreSQL at ${at}. Start it, or correct the path.`,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: unreachable,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  '28P01': badPassword,
  '28000': notLetIn,
  '42501': notLetIn,
  '3D000': ({ at, database }) =>
    `PostgreSQL at ${at} has no database "${database}". Make it (createdb), or correct the name.`,
  [READ_ONLY]: ({ at }) =>
    `PostgreSQL at ${at} only reads: a standby, or default_transaction_read_only is on. Name the one that is written to, or all of them (host1:port,host2:port).`,
  '53300': ({ at }) =>
    `PostgreSQL at ${at} has no connection left. Raise max_connections there, or stop another program.`,
  '53100': ({ at }) => `the disk of PostgreSQL at ${at} is full. Free some space there.`,
  '57P03': ({ at }) =>
    `PostgreSQL at ${at} is still starting or stopping. Start again in a moment.`,
}

/** The driver gives no code to what it finds by itself. */
const byMessage = (message: string): Sentence | undefined => {
  if (/does not support SSL/i.test(message)) return noTls
  if (/password must be a (?:non-empty )?string|no password/i.test(message)) return badPassword
  if (/timeout|terminated unexpectedly/i.test(message)) return unreachable
  return undefined
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

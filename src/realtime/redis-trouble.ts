import type { RedisReason, RedisState } from '../ports/redis-state.js'

/** What was being done when Redis refused. */
export type RedisPart = 'publish' | 'subscribe' | 'keys' | 'connect'

// By the words of Redis 6 to 8 and Valkey. Inside a script they are wrapped, so they may stand anywhere.
const SAID: readonly (readonly [RegExp, RedisReason])[] = [
  [/WRONGPASS|NOAUTH|invalid password/, 'login_refused'],
  [/max number of clients/, 'too_many_clients'],
  [/\bDENIED\b|protected mode/, 'protected'],
  [/DB index is out of range|SELECT is not allowed/i, 'database_number'],
  [/\bLOADING\b|\bMASTERDOWN\b/, 'loading'],
  [/\bREADONLY\b/, 'read_only'],
  [/\bOOM\b/, 'full'],
  [/\bMISCONF\b/, 'not_saving'],
  [/\bNOREPLICAS\b/, 'no_replicas'],
  [/\bMOVED\b|\bASK\b|\bCLUSTERDOWN\b/, 'cluster'],
  [/Command timed out|\bBUSY\b/, 'no_answer'],
]
/** An ACL, or a command that the operator has renamed or switched off. */
const NOT_ALLOWED = /NOPERM|ACL failure|can't run this command|No permissions|unknown command/i
const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|ERR_SSL_\w*ALERT/

/**
 * The reason that an error gives by itself; undefined where it only says that a connection has ended. The error is not to
 * be shown: ioredis hangs the arguments of the command on it, and those of AUTH are the password.
 */
export const reasonOf = (error: unknown, part: RedisPart): RedisReason | undefined => {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (UNREACHABLE.test(code)) return 'unreachable'
  if (CERTIFICATE.test(code)) return 'tls_refused'
  return (
    saidReason(error.message) ??
    (NOT_ALLOWED.test(error.message) ? refused(error, part) : undefined)
  )
}

/** The reason in a line that Redis itself has sent. */
export const saidReason = (line: string): RedisReason | undefined =>
  SAID.find(([pattern]) => pattern.test(line))?.[1]

const refused = (error: Error, part: RedisPart): RedisReason => {
  if (part !== 'connect') return `no_${part}`
  const command = 'command' in error ? (error.command as { readonly name?: unknown }) : {}
  return command.name === 'select' ? 'database_number' : 'login_refused'
}

const WORDS: Readonly<Record<RedisReason, string>> = {
  unreachable:
    'nothing that stays connected is at the address of REDIS_URL. Start Redis, or correct the address',
  no_answer:
    'it takes connections and does not answer. Look for a process that is stopped or overloaded, or a slow command (SLOWLOG GET)',
  login_refused:
    'it refuses the user name or password of REDIS_URL, or asks for one. Correct it, with %40 for @',
  tls_expected: 'its port expects TLS. Write rediss:// in REDIS_URL',
  tls_not_spoken: 'its port speaks no TLS. Write redis:// in REDIS_URL, or name its TLS port',
  tls_refused:
    'its certificate is not accepted here, or it asks for one of ours. Give the issuer in NODE_EXTRA_CA_CERTS, and in REDIS_URL a name that the certificate holds; switch tls-auth-clients off',
  protected: 'it is in protected mode. Set a password in Redis and in REDIS_URL',
  too_many_clients: 'it has as many clients as it takes. Raise maxclients, or end some',
  database_number:
    'it does not give the database number of REDIS_URL, and database 0 is used. Leave the number out, or give all nodes one that exists',
  loading: 'it is still reading its data. Wait',
  no_publish: 'its user may not PUBLISH. Allow +publish and &uzima:*',
  no_subscribe: 'its user may not SUBSCRIBE. Allow +subscribe +unsubscribe and &uzima:*',
  no_keys:
    'its user may not use scripts and sorted sets. Allow +eval +time +pexpire +@sortedset and ~uzima:*',
  read_only: 'it is a replica that takes no writes. Name the primary in REDIS_URL',
  full: 'its memory is full (maxmemory). Raise maxmemory, or remove keys',
  not_saving:
    'it refuses writes since it cannot save to its disk. Mend the disk, or set stop-writes-on-bgsave-error to no',
  no_replicas:
    'it refuses writes since too few replicas are there. Start them (min-replicas-to-write)',
  cluster:
    'it is a node of a Redis Cluster that does not serve our keys. Name a Redis that is not a cluster',
  failed: 'it refuses what is asked of it, for a reason that is not known here. Look at its log',
}

/** A sentence of how Redis is, what that means meanwhile, and what to do. No part of the address or password is in it. */
export const describeRedis = (state: RedisState): string =>
  state.state === 'up'
    ? 'Redis is reachable: messages reach all nodes'
    : `Redis is ${state.state}: ${WORDS[state.reason ?? 'unreachable']}. Meanwhile ${meanwhile(state)}, and stock events go on`

const meanwhile = ({ messages, keys }: RedisState): string =>
  [
    messages ? 'messages reach all nodes' : 'messages reach this node only',
    keys
      ? 'the places of a user are counted over all nodes'
      : 'MAX_CONNECTIONS_PER_USER holds for each node by itself',
  ].join(', ')

import { SETTINGS } from './schema.js'

/** Values read so far, by the name of the setting; a setting that was bad is not in it. */
type Values = Readonly<Record<string, unknown>>

/** Rules between settings, each as a line of the message; one whose settings are bad themselves is not judged. */
export const rulesBroken = (values: Values, isProduction: boolean): string[] =>
  [
    ...(isProduction ? [keyInProduction(values)] : []),
    closesAfterStale(values),
    copiesOfPostgres(values),
  ].filter((line) => line !== undefined)

const KEYS = ['jwtSecret', 'jwtPublicKey', 'jwtJwksUrl'] as const

const keyInProduction = (values: Values): string | undefined => {
  // A bad key has its own line; a missing one is there with the value undefined.
  const isMissing = KEYS.every((name) => name in values && values[name] === undefined)
  return isMissing
    ? `JWT_SECRET: is missing, and so are JWT_PUBLIC_KEY and JWT_JWKS_URL; production needs one of them. Example: JWT_SECRET=${SETTINGS.jwtSecret.example}`
    : undefined
}

const closesAfterStale = ({ authStaleAfterMs, authCloseAfterMs }: Values): string | undefined =>
  isBelow(authStaleAfterMs, authCloseAfterMs)
    ? undefined
    : 'AUTH_CLOSE_AFTER_MS: is not above AUTH_STALE_AFTER_MS, so sockets would be closed before their node is stale. Example: AUTH_STALE_AFTER_MS=5000 AUTH_CLOSE_AFTER_MS=60000'

/** Who sets it counts on copies; to leave them out quietly would be found out when one is needed. */
const copiesOfPostgres = ({ backupDir, databaseUrl }: Values): string | undefined =>
  backupDir === undefined || databaseUrl === undefined
    ? undefined
    : 'BACKUP_DIR: keeps copies of the embedded database, and the data is in the PostgreSQL of DATABASE_URL. Remove BACKUP_DIR, and let a timer run pg_dump. Example: pg_dump --format=custom --file=uzima.dump "$DATABASE_URL"'

/** True as well where one of them is not known. */
const isBelow = (lower: unknown, upper: unknown): boolean =>
  typeof lower !== 'number' || typeof upper !== 'number' || lower < upper

import { randomBytes } from 'node:crypto'
import type { Passwords } from '../auth/passwords.js'
import type { Database, Queryable } from '../storage/database.js'

export interface FirstAdminOptions {
  readonly username: string
  /** Undefined: one is generated. */
  readonly password?: string | undefined
  readonly passwords: Pick<Passwords, 'hash'>
}

/**
 * Makes an administrator where there is no user at all; of any number of processes at once, one does. Resolves to the
 * generated password, to be shown once, or to undefined where nothing was generated.
 */
export const ensureFirstAdmin = async (
  database: Database,
  { username, password, passwords }: FirstAdminOptions,
): Promise<string | undefined> => {
  // Asked before the password is hashed, which is slow on purpose, and again under the lock.
  if (await hasUsers(database)) return undefined
  const generated = password === undefined ? randomBytes(15).toString('base64url') : undefined
  const hash = await passwords.hash(generated ?? password ?? '')
  const isMade = await database.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('uzima.first-admin'))`)
    if (await hasUsers(tx)) return false
    await tx.query(`select set_config('uzima.actor', 'first start', true)`)
    await tx.query(
      `insert into users (username, email, role, password_hash) values ($1, $2, 'admin', $3)`,
      [username, username.includes('@') ? username : `${username}@${NO_DOMAIN}`, hash],
    )
    return true
  })
  return isMade ? generated : undefined
}

/** Never anybody's (RFC 2606 section 2); the administrator sets his own address. */
const NO_DOMAIN = 'uzima.invalid'

const hasUsers = async (queryable: Queryable): Promise<boolean> =>
  (await queryable.query('select id from users limit 1')).length > 0

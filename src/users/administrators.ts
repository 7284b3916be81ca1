import { AppError } from '../errors/app-error.js'
import type { Queryable } from '../storage/database.js'

/** The id of the active administrator who was made first; undefined where there is none. */
export const findFirstAdmin = async (database: Queryable): Promise<string | undefined> => {
  const [admin] = await database.query<{ id: string }>(
    `select id::text from users where role = 'admin' and is_active order by created_at limit 1`,
  )
  return admin?.id
}

/**
 * Throws `USER_LAST_ADMIN` where the user is the only active administrator. Locks all of them, so that of two requests
 * that would remove the last two together one waits and is refused.
 */
export const assertNotLastAdmin = async (tx: Queryable, userId: string): Promise<void> => {
  const admins = await tx.query<{ id: string }>(
    `select id from users where role = 'admin' and is_active order by id for update`,
  )
  if (admins.length === 1 && admins[0]?.id === userId) throw new AppError('USER_LAST_ADMIN')
}

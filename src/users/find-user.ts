import type { AuthUser, FindUser } from '../auth/authorize.js'
import type { FindUsers } from '../auth/bounded-look-up.js'
import { isUuid } from '../auth/uuid.js'
import type { Database } from '../storage/database.js'

/**
 * Looks up users with all that decides their rights, in one statement. What is not a uuid in lower case is nobody: a
 * second spelling of an id would miss the changes of the first.
 */
export const createFindUsers =
  (database: Pick<Database, 'query'>): FindUsers =>
  async (userIds) => {
    const ids = userIds.filter(isUuid)
    const users = ids.length === 0 ? [] : await database.query<AuthUser>(FIND_USERS, [ids])
    return new Map(users.map((user) => [user.id, user]))
  }

/** Looks up one user in a statement of its own. */
export const createFindUser = (database: Pick<Database, 'query'>): FindUser => {
  const findUsers = createFindUsers(database)
  return async (userId) => (await findUsers([userId])).get(userId)
}

// tokens_not_before is rounded up: what is told in milliseconds must not be before the microsecond it stands for.
const FIND_USERS = `
  select id, username, role, is_active as "isActive", auth_version as "authVersion",
    ceil(extract(epoch from tokens_not_before) * 1000)::float8 as "tokensNotBefore",
    array(select s.id::text from sessions s
      where s.user_id = users.id and s.ended_at is not null
        and s.access_expires_at > clock_timestamp() - interval '1 hour') as "endedSessionIds"
  from users where id = any($1::uuid[])`

import type { AuthUser, FindUser } from '../auth/authorize.js'
import { isUuid } from '../auth/uuid.js'
import type { Database } from '../storage/database.js'

/**
 * Looks up a user with all that decides his rights, in one statement. What is not a uuid in lower case is nobody: a
 * second spelling of an id would miss the changes of the first.
 */
export const createFindUser =
  (database: Database): FindUser =>
  async (userId) => {
    if (!isUuid(userId)) return undefined
    const [user] = await database.query<AuthUser>(FIND_USER, [userId])
    return user
  }

// tokens_not_before is rounded up: what is told in milliseconds must not be before the microsecond it stands for.
const FIND_USER = `
  select id, username, role, is_active as "isActive", auth_version as "authVersion",
    ceil(extract(epoch from tokens_not_before) * 1000)::float8 as "tokensNotBefore",
    array(select s.id::text from sessions s
      where s.user_id = users.id and s.ended_at is not null
        and s.access_expires_at > clock_timestamp() - interval '1 hour') as "endedSessionIds"
  from users where id = $1`

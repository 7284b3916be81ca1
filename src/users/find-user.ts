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
  async (subjects) => {
    const ids = subjects.map(({ userId }) => userId).filter(isUuid)
    const sessionIds = subjects.flatMap(({ sessionId = '' }) =>
      isUuid(sessionId) ? [sessionId] : [],
    )
    const users =
      ids.length === 0 ? [] : await database.query<AuthUser>(FIND_USERS, [ids, sessionIds])
    return new Map(users.map((user) => [user.id, user]))
  }

/** Looks up one user in a statement of its own. */
export const createFindUser = (database: Pick<Database, 'query'>): FindUser => {
  const findUsers = createFindUsers(database)
  return async (subject) => (await findUsers([subject])).get(subject.userId)
}

// tokens_not_before is rounded up: what is told in milliseconds must not be before the microsecond it stands for.
const FIND_USERS = `
  select users.id, username, role, roles_of(users.id, role) as roles, is_active as "isActive", users.auth_version as "authVersion",
    ceil(extract(epoch from tokens_not_before) * 1000)::float8 as "tokensNotBefore",
    coalesce(live.ids, '{}') as "liveSessionIds"
  from users left join (
    select user_id, array_agg(id::text) as ids from sessions
    where id = any($2::uuid[]) and ended_at is null group by user_id) as live on live.user_id = users.id
  where users.id = any($1::uuid[])`

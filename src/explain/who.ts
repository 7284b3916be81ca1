import { AppError } from '../errors/app-error.js'
import type { Queryable } from '../storage/database.js'

/** Somebody of whom there is any record, also if his account is gone. */
export interface Person {
  readonly id: string
  /** The last that is on record; null where none is. */
  readonly username: string | null
}

/** Finds him by his id, or by a name that he has or, where nobody has it, had. Throws `USER_NOT_FOUND` without any record. */
export const findPerson = async (
  database: Queryable,
  asked: { readonly userId?: string | undefined; readonly username?: string | undefined },
): Promise<Person> => {
  const [person] = await database.query<Person>(asked.userId === undefined ? BY_NAME : BY_ID, [
    asked.userId ?? asked.username ?? '',
  ])
  if (person === undefined) throw new AppError('USER_NOT_FOUND')
  return person
}

const BY_ID = `
  select $1 as id, coalesce(
    (select username from users where id::text = $1),
    (select username from right_changes where user_id = $1 and username is not null order by seq desc limit 1)) as username
  where exists (select from users where id::text = $1)
    or exists (select from right_changes where user_id = $1)
    or exists (select from deliveries where user_id = $1)
    or exists (select from connection_log where user_id = $1)`

const BY_NAME = `
  select id, username from (
    select id::text as id, username, 0 as rank, 0::bigint as seq from users where lower(username) = lower($1)
    union all
    select user_id, username, 1, -seq from right_changes where lower(username) = lower($1)) as found
  order by rank, seq limit 1`

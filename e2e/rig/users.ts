import { randomUUID } from 'node:crypto'
import type { Role } from '@uzima/contracts'
import type { Queryable } from '../../src/storage/database.js'

/** Inserts users of the role by plain SQL, without passwords; resolves to their ids. */
export const addUsers = async (
  database: Pick<Queryable, 'query'>,
  count: number,
  role: Role,
): Promise<string[]> => {
  const rows = await database.query<{ id: string }>(
    `insert into users (username, email, role)
     select name, name || '@example.org', $3
       from (select $1::text || '-' || n as name from generate_series(1, $2::integer) n) named
     returning id`,
    [`${role}-${randomUUID().slice(0, 8)}`, count, role],
  )
  return rows.map(({ id }) => id)
}

/** Inserts one; resolves to its id. */
export const addUser = async (database: Pick<Queryable, 'query'>, role: Role): Promise<string> => {
  const [id] = await addUsers(database, 1, role)
  if (id === undefined) throw new Error('No user was inserted.')
  return id
}

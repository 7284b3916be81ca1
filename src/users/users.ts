import {
  storableTextSchema,
  type CreateUser,
  type UpdateUser,
  type User,
  type UserPage,
} from '@uzima/contracts'
import type { Passwords } from '../auth/passwords.js'
import { toUser, USER_COLUMNS, type UserRow } from '../auth/user-row.js'
import { isUuid } from '../auth/uuid.js'
import { AppError } from '../errors/app-error.js'
import { sqlState, type Database, type Queryable } from '../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../storage/page.js'
import { assertNotLastAdmin } from './administrators.js'

/** Users as administrators manage them. `actor` is whom the log names for the change. */
export interface Users {
  /** By user name. Throws `VALIDATION_FAILED` for a cursor that is not ours. */
  readonly list: (page: { readonly limit: number; readonly cursor?: string }) => Promise<UserPage>
  /** Throws `USER_NOT_FOUND`. */
  readonly get: (id: string) => Promise<User>
  /** Without a password only tokens of another issuer serve the user. Throws `USER_EXISTS`. */
  readonly create: (actor: string, user: CreateUser) => Promise<User>
  /**
   * A new password and a deactivation end all sessions of the user; a new role leaves them, with the new rights. Throws
   * `USER_NOT_FOUND`, `USER_EXISTS` or `USER_LAST_ADMIN`.
   */
  readonly update: (actor: string, id: string, changes: UpdateUser) => Promise<User>
  /** Throws `USER_NOT_FOUND` or `USER_LAST_ADMIN`. */
  readonly remove: (actor: string, id: string) => Promise<void>
  /**
   * Ends all sessions: tokens issued before now are refused everywhere. Resolves to the number of the entry of the log
   * that says so. Throws `USER_NOT_FOUND`.
   */
  readonly revoke: (actor: string, id: string) => Promise<{ readonly seq: number }>
}

export const createUsers = (deps: {
  readonly database: Database
  readonly passwords: Pick<Passwords, 'hash'>
}): Users => {
  const { database, passwords } = deps

  const list: Users['list'] = async ({ limit, cursor }) => {
    const rows = await database.query<UserRow & { readonly sort_key: string }>(
      `select ${USER_COLUMNS}, lower(username) as sort_key from users
       where $1::text is null or lower(username) > $1 order by lower(username) limit $2`,
      [cursor === undefined ? null : decodeCursor(LIST, cursor, storableTextSchema), limit + 1],
    )
    const { page, nextCursor } = cutPage(rows, limit, (last) => encodeCursor(LIST, last.sort_key))
    return { users: page.map(toUser), nextCursor }
  }

  const get: Users['get'] = async (id) => {
    const [row] = await database.query<UserRow>(`select ${USER_COLUMNS} from users where id = $1`, [
      existing(id),
    ])
    return toUser(found(row))
  }

  const create: Users['create'] = async (actor, user) => {
    const hash = user.password === undefined ? null : await passwords.hash(user.password)
    return write(actor, async (tx) => {
      const [row] = await tx.query<UserRow>(
        `insert into users (username, email, role, password_hash) values ($1, $2, $3, $4)
         returning ${USER_COLUMNS}`,
        [user.username, user.email, user.role, hash],
      )
      return toUser(found(row))
    })
  }

  const update: Users['update'] = async (actor, id, changes) => {
    const userId = existing(id)
    const { role, isActive, email, password } = changes
    const hash = password === undefined ? null : await passwords.hash(password)
    const endsAdmin = (role !== undefined && role !== 'admin') || isActive === false
    return write(actor, async (tx) => {
      if (endsAdmin) await assertNotLastAdmin(tx, userId)
      const [row] = await tx.query<UserRow>(
        `update users set role = coalesce($2, role), is_active = coalesce($3, is_active),
           email = coalesce($4, email), password_hash = coalesce($5, password_hash)
         where id = $1 returning ${USER_COLUMNS}`,
        [userId, role ?? null, isActive ?? null, email ?? null, hash],
      )
      return toUser(found(row))
    })
  }

  const remove: Users['remove'] = async (actor, id) => {
    const userId = existing(id)
    await write(actor, async (tx) => {
      await assertNotLastAdmin(tx, userId)
      const [row] = await tx.query('delete from users where id = $1 returning id', [userId])
      found(row)
    })
  }

  const revoke: Users['revoke'] = async (actor, id) => {
    const userId = existing(id)
    return write(actor, async (tx) => {
      const [row] = await tx.query(
        'update users set tokens_not_before = clock_timestamp() where id = $1 returning id',
        [userId],
      )
      found(row)
      return numberNow(tx)
    })
  }

  const write = async <T>(actor: string, work: (tx: Queryable) => Promise<T>): Promise<T> => {
    try {
      return await database.transaction(async (tx) => {
        await tx.query(`select set_config('uzima.actor', $1, true)`, [actor])
        return work(tx)
      })
    } catch (error) {
      throw sqlState(error) === UNIQUE_VIOLATION ? new AppError('USER_EXISTS') : error
    }
  }

  return { list, get, create, update, remove, revoke }
}

const LIST = 'users'
const UNIQUE_VIOLATION = '23505'

const existing = (id: string): string => {
  if (!isUuid(id)) throw new AppError('USER_NOT_FOUND')
  return id
}

const found = <Row>(row: Row | undefined): Row => {
  if (row === undefined) throw new AppError('USER_NOT_FOUND')
  return row
}

/**
 * Numbers this transaction's only entry now instead of at COMMIT, one round trip before it, and resolves to the number.
 * The head of the log stays locked until COMMIT, so the number is exactly the one that was given.
 */
const numberNow = async (tx: Queryable): Promise<{ readonly seq: number }> => {
  await tx.query('set constraints all immediate')
  const [head] = await tx.query<{ seq: number }>('select seq from log_head')
  if (head === undefined) throw new Error('The log has no head; the migrations were not applied.')
  return head
}

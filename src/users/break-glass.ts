import {
  EMERGENCY_ROLES,
  rolesAllow,
  type BreakGlass,
  type BreakGlassDetail,
  type BreakGlassPage,
  type BreakGlassQuery,
  type Done,
  type OwnBreakGlass,
  type Role,
  type TakeRole,
} from '@uzima/contracts'
import { z } from 'zod'
import type { AuthUser } from '../auth/authorize.js'
import { isUuid } from '../auth/uuid.js'
import { AppError } from '../errors/app-error.js'
import { constraintOf, type Database, type Queryable, type SqlValue } from '../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../storage/page.js'

type Caller = Pick<AuthUser, 'id' | 'username' | 'roles'>

/** Roles that users take by themselves in an emergency, and what becomes of them. */
export interface BreakGlassCases {
  /** What the caller may take now, and what he has taken and is in force. */
  readonly own: (caller: Caller) => Promise<OwnBreakGlass>
  /**
   * Takes a role from now on. Throws `BREAK_GLASS_FORBIDDEN` for whom the setting does not name, `BREAK_GLASS_NOT_NEEDED` for
   * who has the role already.
   */
  readonly take: (caller: Caller, asked: TakeRole) => Promise<BreakGlass>
  /** What began last first. Throws `VALIDATION_FAILED` for a cursor that is not ours. */
  readonly list: (query: BreakGlassQuery) => Promise<BreakGlassPage>
  /** With what the user did meanwhile. Throws `GRANT_NOT_FOUND`. */
  readonly get: (id: string) => Promise<BreakGlassDetail>
  /**
   * Closes the review. Throws `GRANT_NOT_FOUND`, `REVIEW_TOO_EARLY` while the role is in force, `REVIEW_CLOSED`, and
   * `REVIEW_FORBIDDEN` for the user himself and for who has an open one of his own.
   */
  readonly review: (caller: Caller, id: string, note: string) => Promise<BreakGlass>
}

/** What it is and does is the database's (migration 0033); `allowed` are the roles that may take another one. */
export const createBreakGlass = (
  database: Database,
  allowed: readonly Role[],
): BreakGlassCases => ({
  async own({ id, roles }) {
    const active = await select(database, 'user_id = $1 and ended_seq is null', [id])
    const mayTake = roles.some((role) => allowed.includes(role))
      ? EMERGENCY_ROLES.filter((role) => !roles.includes(role))
      : []
    return { mayTake, active: active.map(({ told }) => told) }
  },

  async take({ id, username, roles }, { role, minutes, reason }) {
    if (!roles.some((one) => allowed.includes(one))) throw new AppError('BREAK_GLASS_FORBIDDEN')
    return database.transaction(async (tx) => {
      await tx.query(`select set_config('uzima.actor', $1, true)`, [username])
      // One at a time of a user: two that come together would both find that he has not got it.
      await tx.query('select from users where id = $1 for no key update', [id])
      const held = await tx.query(
        'select from user_roles where user_id = $1 and $2 = any (roles)',
        [id, role],
      )
      if (held.length > 0) throw new AppError('BREAK_GLASS_NOT_NEEDED')
      const [row] = await tx.query<{ id: string }>(
        `insert into role_grants (user_id, role, valid_until, reason, kind)
         values ($1, $2, log_now() + $3 * interval '1 minute', $4, 'break_glass') returning id`,
        [id, role, minutes, reason],
      )
      return readNow(tx, row?.id ?? '')
    })
  },

  async list({ limit, cursor, state }) {
    const after = cursor === undefined ? [null, null] : decodeCursor(LIST, cursor, KEY)
    const rows = await select(
      database,
      `($1::boolean is null or is_open = $1)
       and ($2::timestamptz is null or (valid_from, id) < ($2, $3::uuid))
       order by valid_from desc, id desc limit $4`,
      [state === undefined ? null : state === 'open', ...after, limit + 1],
    )
    const { page, nextCursor } = cutPage(rows, limit, ({ told, from }) =>
      encodeCursor(LIST, [from, told.id]),
    )
    return { grants: page.map(({ told }) => told), nextCursor }
  },

  async get(id) {
    const told = await existing(database, id)
    const rows = await database.query<Done>(DONE, [id, MAX_DONE + 1])
    return { ...told, done: rows.slice(0, MAX_DONE), hasMore: rows.length > MAX_DONE }
  },

  async review(caller, id, note) {
    // Asked for under a right that may be the caller's no more: the database looks again.
    if (!rolesAllow(caller.roles, 'users:manage')) throw new AppError('REVIEW_FORBIDDEN')
    try {
      return await database.transaction(async (tx) => {
        await tx.query(`select set_config('uzima.actor', $1, true)`, [caller.username])
        const { review } = await existing(tx, id)
        if (review !== null) throw new AppError('REVIEW_CLOSED')
        const closed = await tx.query(
          `update role_grants set reviewed_by = $2, review_note = $3
           where id = $1 and reviewed_by is null returning id`,
          [id, caller.id, note],
        )
        if (closed.length === 0) throw new AppError('REVIEW_CLOSED')
        return readNow(tx, id)
      })
    } catch (error) {
      const constraint = constraintOf(error)
      if (constraint === 'review_when_over') throw new AppError('REVIEW_TOO_EARLY')
      throw constraint === 'review_by_another' ? new AppError('REVIEW_FORBIDDEN') : error
    }
  },
})

const LIST = 'break-glass'
const KEY = z.tuple([z.string().regex(/^[\d: .+-]{1,40}$/), z.uuid()])
const MAX_DONE = 500

/** By number where there is one, else by the moment and the name that the history keeps. */
const DONE = `select what, "of", type, delta, iso_time(done.at) as at from break_glass b cross join lateral (
    select 'movement' as what, sku::text as "of", type, delta, at from stock_movements
      where user_id = b.user_id and seq > b.began_seq and seq < coalesce(b.ended_seq, 9223372036854775807)
    union all
    select 'change', record || ' ' || key, type, null, at from record_changes
      where actor = b.username and at >= b.began_at and at < coalesce(b.ended_at, 'infinity')
        and not (record = 'role_grants' and key = b.id::text)
    union all
    select 'alert', sku::text, kind, null, acknowledged_at from alerts
      where acknowledged_by = b.user_id::uuid
        and acknowledged_at >= b.began_at and acknowledged_at < coalesce(b.ended_at, 'infinity')) as done
  where b.id = $1 order by done.at limit $2`

const existing = async (database: Queryable, id: string): Promise<BreakGlass> => {
  const [row] = isUuid(id) ? await select(database, 'id = $1', [id]) : []
  if (row === undefined) throw new AppError('GRANT_NOT_FOUND')
  return row.told
}

/** As it is with this transaction's entries: numbered now instead of at COMMIT, one round trip before it. */
const readNow = async (tx: Queryable, id: string): Promise<BreakGlass> => {
  await tx.query('set constraints all immediate')
  return existing(tx, id)
}

const select = (
  database: Queryable,
  condition: string,
  params: readonly SqlValue[],
): Promise<{ readonly told: BreakGlass; readonly from: string }[]> =>
  database.query(
    `select told, (valid_from at time zone 'UTC')::text || '+00' as "from" from break_glass where ${condition}`,
    params,
  )

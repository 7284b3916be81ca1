import type { CreateGrant, Grant, GrantPage } from '@uzima/contracts'
import { z } from 'zod'
import { isUuid } from '../auth/uuid.js'
import { AppError } from '../errors/app-error.js'
import { sqlState, type Database, type Queryable, type SqlValue } from '../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../storage/page.js'

/** Roles for a time, as administrators manage them. `actor` is whom the history names. */
export interface Grants {
  /** Past and coming ones as well, what begins last first. Throws `USER_NOT_FOUND`, and `VALIDATION_FAILED` for a cursor that is not ours. */
  readonly list: (
    userId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ) => Promise<GrantPage>
  /** Throws `USER_NOT_FOUND`, and `VALIDATION_FAILED` for times that cannot be, by the clock of the database. */
  readonly create: (actor: string, userId: string, grant: CreateGrant) => Promise<Grant>
  /** Ends it now, or takes it back before it begins; one that has ended stays as it is. Throws `GRANT_NOT_FOUND`. */
  readonly revoke: (actor: string, id: string) => Promise<Grant>
}

/** What a grant is and does is the database's (migration 0028); any program may write `role_grants`. */
export const createGrants = (database: Database): Grants => ({
  async list(userId, { limit, cursor }) {
    const after = cursor === undefined ? [null, null] : decodeCursor(LIST, cursor, KEY)
    const rows = await select(
      database,
      `g.user_id = $1 and ($2::timestamptz is null or (g.valid_from, g.id) < ($2, $3::uuid))
       order by g.valid_from desc, g.id desc limit $4`,
      [existing(userId), ...after, limit + 1],
    )
    if (rows.length === 0 && cursor === undefined) await assertUser(database, userId)
    const { page, nextCursor } = cutPage(rows, limit, ({ grant, from }) =>
      encodeCursor(LIST, [from, grant.id]),
    )
    return { grants: page.map(({ grant }) => grant), nextCursor }
  },

  async create(actor, userId, { role, validFrom, validUntil, reason }) {
    try {
      return await write(database, actor, async (tx) => {
        const [row] = await tx.query<{ id: string }>(
          `insert into role_grants (user_id, role, valid_from, valid_until, reason)
           values ($1, $2, coalesce($3, log_now()), $4, $5) returning id`,
          [existing(userId), role, validFrom ?? null, validUntil, reason],
        )
        return readNow(tx, row?.id ?? '')
      })
    } catch (error) {
      if (sqlState(error) === FOREIGN_KEY_VIOLATION) throw new AppError('USER_NOT_FOUND')
      throw sqlState(error) === CHECK_VIOLATION ? impossibleTime() : error
    }
  },

  async revoke(actor, id) {
    if (!isUuid(id)) throw new AppError('GRANT_NOT_FOUND')
    return write(database, actor, async (tx) => {
      await tx.query(
        `update role_grants set revoked_at = log_now()
         where id = $1 and revoked_at is null and valid_until > log_now()`,
        [id],
      )
      return readNow(tx, id)
    })
  },
})

const LIST = 'grants'
const KEY = z.tuple([z.string().regex(/^[\d: .+-]{1,40}$/), z.uuid()])
const FOREIGN_KEY_VIOLATION = '23503'
const CHECK_VIOLATION = '23514'

const impossibleTime = (): AppError => {
  const message =
    'is not after the beginning and after now, or more than 366 days after the beginning'
  return new AppError('VALIDATION_FAILED', {
    detail: `validUntil: ${message}`,
    details: { errors: [{ path: 'validUntil', message }] },
  })
}

const existing = (userId: string): string => {
  if (!isUuid(userId)) throw new AppError('USER_NOT_FOUND')
  return userId
}

const assertUser = async (database: Queryable, userId: string): Promise<void> => {
  const found = await database.query('select from users where id = $1', [userId])
  if (found.length === 0) throw new AppError('USER_NOT_FOUND')
}

const write = <T>(
  database: Database,
  actor: string,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> =>
  database.transaction(async (tx) => {
    await tx.query(`select set_config('uzima.actor', $1, true)`, [actor])
    return work(tx)
  })

/** As it is with this transaction's entry: numbered now instead of at COMMIT, one round trip before it. */
const readNow = async (tx: Queryable, id: string): Promise<Grant> => {
  await tx.query('set constraints all immediate')
  const [row] = await select(tx, 'g.id = $1', [id])
  if (row === undefined) throw new AppError('GRANT_NOT_FOUND')
  return row.grant
}

const select = (
  database: Queryable,
  condition: string,
  params: readonly SqlValue[],
): Promise<{ readonly grant: Grant; readonly from: string }[]> =>
  database.query(
    `select (g.valid_from at time zone 'UTC')::text || '+00' as "from", jsonb_build_object(
        'id', g.id, 'userId', g.user_id, 'role', g.role, 'kind', g.kind,
        'state', case
          when stop.edge = 'revoked' or (start.seq is null and g.revoked_at is not null) then 'revoked'
          when stop.edge = 'end' or (start.seq is null and g.valid_until <= log_now()) then 'ended'
          when start.seq is not null then 'active'
          else 'coming' end,
        'validFrom', iso_time(g.valid_from), 'validUntil', iso_time(g.valid_until), 'reason', g.reason,
        'grantedBy', g.granted_by, 'createdAt', iso_time(g.created_at),
        'revokedAt', iso_time(g.revoked_at), 'revokedBy', g.revoked_by,
        'beganSeq', start.seq, 'endedSeq', stop.seq) as grant
      from role_grants g
      left join grant_edges start on start.grant_id = g.id and start.edge = 'begin'
      left join grant_edges stop on stop.grant_id = g.id and stop.edge <> 'begin'
      where ${condition}`,
    params,
  )

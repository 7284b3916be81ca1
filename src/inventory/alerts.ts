import {
  alertIdSchema,
  type AcknowledgeAlert,
  type Alert,
  type AlertsPage,
  type AlertsQuery,
  type Position,
  type Role,
} from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database, Queryable } from '../storage/database.js'
import { cutPage, decodeCursor, encodeCursor } from '../storage/page.js'

/** Who asks. What he may see goes by the roles that he has in the same moment as the alerts. */
export interface AlertViewer {
  readonly userId: string
}

/** Alerts as one user may see them; raising and resolving them is the database's work (migration 0018). */
export interface Alerts {
  readonly list: (viewer: AlertViewer, query: AlertsQuery) => Promise<AlertsPage>
  /** The first one stays, and what is resolved stays as it is. Throws `ALERT_NOT_FOUND` for what he may not see. */
  readonly acknowledge: (viewer: AlertViewer, id: string, body: AcknowledgeAlert) => Promise<Alert>
  /** The first time counts. Throws `ALERT_NOT_FOUND` as well. */
  readonly see: (viewer: AlertViewer, id: string) => Promise<void>
}

/** `audiencesOf` names what somebody with these roles may see, as the log addresses it. */
export const createAlerts = (
  database: Database,
  audiencesOf: (roles: readonly Role[]) => readonly string[],
): Alerts => {
  const audiences = async (tx: Queryable, { userId }: AlertViewer): Promise<readonly string[]> => {
    const [user] = await tx.query<{ roles: Role[] }>(
      'select roles_of(id, role) as roles from users where id = $1 and is_active',
      [userId],
    )
    return user === undefined ? [] : audiencesOf(user.roles)
  }

  return {
    list: (viewer, query) =>
      database.transaction(async (tx) => readPage(tx, await audiences(tx, viewer), query), {
        snapshot: true,
      }),
    acknowledge: (viewer, id, { note }) =>
      database.transaction(async (tx) => {
        await refuseUnlessSeen(tx, await audiences(tx, viewer), id)
        await tx.query('update alerts set acknowledged_by = $2, note = $3 where id = $1', [
          id,
          viewer.userId,
          note ?? null,
        ])
        return readAlert(tx, id)
      }),
    see: (viewer, id) =>
      database.transaction(async (tx) => {
        await refuseUnlessSeen(tx, await audiences(tx, viewer), id)
        await tx.query(
          `insert into alert_seen (alert_id, user_id) values ($1, $2) on conflict do nothing`,
          [id, viewer.userId],
        )
      }),
  }
}

const LIST = 'alerts'

/** Texts of SQL, so that the planner finds the index of those that are not resolved. */
const CONDITIONS: Readonly<Record<NonNullable<AlertsQuery['state']>, string>> = {
  open: `state <> 'resolved' and state = 'open'`,
  acknowledged: `state <> 'resolved' and state = 'acknowledged'`,
  unresolved: `state <> 'resolved'`,
  resolved: 'resolved_at is not null',
}

const readPage = async (
  tx: Queryable,
  audiences: readonly string[],
  { limit, cursor, state, kind, sku }: AlertsQuery,
): Promise<AlertsPage> => {
  const before = cursor === undefined ? null : decodeCursor(LIST, cursor, alertIdSchema)
  const rows = await tx.query<{ alert: Alert }>(
    `select alert from alert_view
      where audience = any ($1) and ($2::text is null or id < $2::text::bigint)
        and ${state === undefined ? 'true' : CONDITIONS[state]}
        and ($3::text is null or kind = $3) and ($4::text is null or sku = $4)
      order by id desc limit $5`,
    [audiences, before, kind ?? null, sku ?? null, limit + 1],
  )
  const [position] = await tx.query<Position>('select epoch, seq from log_head')
  if (position === undefined) throw new Error('log_head is empty; it has one row always.')
  const { page, nextCursor } = cutPage(rows, limit, ({ alert }) => encodeCursor(LIST, alert.id))
  return { alerts: page.map(({ alert }) => alert), nextCursor, position }
}

const refuseUnlessSeen = async (
  tx: Queryable,
  audiences: readonly string[],
  id: string,
): Promise<void> => {
  const found = await tx.query('select from alert_view where id = $1 and audience = any ($2)', [
    id,
    audiences,
  ])
  if (found.length === 0) throw new AppError('ALERT_NOT_FOUND')
}

const readAlert = async (tx: Queryable, id: string): Promise<Alert> => {
  const [row] = await tx.query<{ alert: Alert }>('select alert from alert_view where id = $1', [id])
  if (row === undefined) throw new AppError('ALERT_NOT_FOUND')
  return row.alert
}

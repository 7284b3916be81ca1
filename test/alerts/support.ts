import type { Alert } from '@uzima/contracts'
import type { Queryable } from '../../src/storage/database.js'

/** A user who can acknowledge; resolves to the id. */
export const addUser = async (database: Queryable, username = 'amina'): Promise<string> => {
  const [user] = await database.query<{ id: string }>(
    `insert into users (username, email, role) values ($1, $1 || '@example.org', 'pharmacist') returning id`,
    [username],
  )
  if (user === undefined) throw new Error('No user was inserted.')
  return user.id
}

/** `kind` of each alert that is not resolved, with its lot, in the order of the items. */
export const unresolved = async (database: Queryable): Promise<string[]> =>
  (
    await database.query<{ line: string }>(
      `select concat_ws(' ', sku, kind, lot_number) as line from alerts
        where resolved_at is null order by sku, lot_number nulls first`,
    )
  ).map(({ line }) => line)

/** Every alert as REST would answer it, the oldest first; of items with `prefix` only. */
export const allAlerts = async (database: Queryable, prefix = ''): Promise<Alert[]> =>
  (
    await database.query<{ alert: Alert }>(
      'select alert from alert_view where starts_with(sku, $1) order by id',
      [prefix],
    )
  ).map(({ alert }) => alert)

/** Entries of the log that tell of alerts, in order, as `name kind state`. */
export const told = async (database: Queryable): Promise<string[]> =>
  (
    await database.query<{ line: string }>(
      `select concat_ws(' ', name, payload -> 'alert' ->> 'kind', payload -> 'alert' ->> 'state') as line
        from event_log where name like 'alert:%' order by seq`,
    )
  ).map(({ line }) => line)

/** What a client makes of the entries alone: the newest of each alert. */
export const replayed = async (database: Queryable, prefix = ''): Promise<Alert[]> =>
  (
    await database.query<{ alert: Alert }>(
      `select distinct on ((payload -> 'alert' ->> 'id')::bigint) payload -> 'alert' as alert
        from event_log where name like 'alert:%' and starts_with(payload -> 'alert' ->> 'sku', $1)
        order by (payload -> 'alert' ->> 'id')::bigint, seq desc`,
      [prefix],
    )
  ).map(({ alert }) => alert)

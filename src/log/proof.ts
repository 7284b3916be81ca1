import { randomUUID } from 'node:crypto'
import type { Database, Queryable } from '../storage/database.js'
import { READ_ONLY } from '../storage/unavailable.js'

/** Ends the transaction of the proof; nobody outside of this file sees it. */
class RolledBack extends Error {
  readonly names: readonly string[]
  constructor(names: readonly string[]) {
    super('The proof is rolled back.')
    this.names = names
  }
}

// Asked first, so that the log of the server does not fill with refusals.
const READ_ONLY_NOW = 'The database only reads now.'
/** A proof waits no longer for what somebody else holds: whose rights are known must not wait for it. */
const LOCK_TIMEOUT_MS = 1_000
const EXPECTED = ['inventory:update', 'session:ended', 'user:changed']

/**
 * Changes a user, a session and stock of its own making, has the entries numbered as a COMMIT would, reads them back from the
 * log and rolls all of it back: nobody sees it. Resolves to what is wrong, or undefined. Rejects where it cannot be tried,
 * after a second where somebody else holds a table.
 */
export const proveByWriting = async (database: Database): Promise<string | undefined> => {
  try {
    return await database.transaction(async (tx) => {
      throw new RolledBack(await writeAndRead(tx))
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    const missing = EXPECTED.filter((name) => !error.names.includes(name))
    return missing.length === 0
      ? undefined
      : `A change that is written does not come out of the log (${missing.join(', ')}). Look at the triggers of the database.`
  }
}

const writeAndRead = async (tx: Queryable): Promise<string[]> => {
  const [state] = await tx.query<{ read_only: boolean }>(
    `select current_setting('transaction_read_only') = 'on' as read_only`,
  )
  if (state?.read_only === true) throw Object.assign(new Error(READ_ONLY_NOW), { code: READ_ONLY })
  await tx.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS.toString()}`)
  const name = `proof-${randomUUID()}`
  const [user] = await tx.query<{ id: string }>(
    `insert into users (username, email, role) values ($1, $1 || '@example.invalid', 'patient') returning id`,
    [name],
  )
  await tx.query('insert into sessions (user_id, auth_version) values ($1, 1)', [user?.id ?? ''])
  await tx.query(`update sessions set ended_at = now(), end_reason = 'proof' where user_id = $1`, [
    user?.id ?? '',
  ])
  await tx.query('insert into inventory_items (sku, name) values ($1, $1)', [name])
  await tx.query(
    `insert into inventory_lots (sku, lot_number, quantity, expiry_date) values ($1, '1', 1, '9999-12-31')`,
    [name],
  )
  // From here the head of the log is locked, until the rollback.
  await tx.query('set constraints all immediate')
  const entries = await tx.query<{ name: string }>(
    `select name from (select * from event_log order by seq desc limit 10) as newest
     where payload ->> 'userId' = $1
       or (payload -> 'item' ->> 'sku' = $2 and payload -> 'item' ->> 'totalQuantity' = '1')`,
    [user?.id ?? '', name],
  )
  return entries.map((entry) => entry.name)
}

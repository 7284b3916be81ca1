import type { ErrorCode, Item, LotConsumed } from '@uzima/contracts'
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../../src/errors/app-error.js'
import type { Inventory } from '../../src/inventory/inventory.js'
import { writeDue } from '../../src/log/due.js'
import { sqlState, type Database, type Queryable } from '../../src/storage/database.js'
import type { Action, Statement } from './model-types.js'
import { pharmacist, withKey } from './support.js'
import { letDaysPass } from './test-clock.js'

/** What the real system made of an action. */
export interface Performed {
  /**
   * `busy`: a deadlock that did not end after all tries; nothing was done. `lost`: the connection was cut, and without an
   * Idempotency-Key nobody can tell.
   */
  readonly result: 'ok' | 'nothing' | 'busy' | 'lost' | ErrorCode
  /** How many movements must have the key as their reason; undefined where it is not said. */
  readonly moved?: { readonly key: string; readonly times: number }
  readonly item?: Item
  readonly lotsConsumed?: readonly LotConsumed[]
}

/**
 * Performs `action` on real stock, each sku with `prefix` before it. A request whose answer was lost is sent again until it
 * has one; one that arrives once more must be answered as the first time.
 */
export const perform = async (
  database: Database,
  inventory: Inventory,
  prefix: string,
  action: Action,
): Promise<Performed> => {
  const key = randomUUID()
  const send = (): Promise<Performed> =>
    attempt(() => request(database, inventory, prefix, action, key))
  let first = await send()
  while ('again' in action && first.result === 'lost') first = await send()
  if ('again' in action && action.again && first.result !== 'busy') {
    const second = await send()
    if (!UNKNOWN.has(second.result) && !isDeepStrictEqual(first, second)) {
      throw new Error(`Answered otherwise the second time: ${JSON.stringify([first, second])}`)
    }
  }
  const moves = action.kind === 'consume' || action.kind === 'dispose'
  return moves ? { ...first, moved: { key, times: first.result === 'ok' ? 1 : 0 } } : first
}

const UNKNOWN: ReadonlySet<string> = new Set(['busy', 'lost'])

const attempt = async (work: () => Promise<Omit<Performed, 'result'>>): Promise<Performed> => {
  try {
    return { result: 'ok', ...(await work()) }
  } catch (error) {
    if (error instanceof AppError) return { result: error.code }
    if (error === ROLLBACK || REFUSED_STATES.has(sqlState(error) ?? ''))
      return { result: 'nothing' }
    if (BUSY_STATES.has(sqlState(error) ?? '')) return { result: 'busy' }
    if (isLoss(error)) return { result: 'lost' }
    throw error
  }
}

const ROLLBACK = new Error('Rolled back on purpose.')
// A check, a foreign key, a range.
const REFUSED_STATES = new Set(['23514', '23503', '22003'])
const BUSY_STATES = new Set(['40P01', '40001'])

const isLoss = (error: unknown): boolean =>
  sqlState(error) === '57P01' ||
  (error instanceof Error && /terminated|ECONNRESET|not queryable/i.test(error.message))

const request = async (
  database: Database,
  inventory: Inventory,
  prefix: string,
  action: Action,
  key: string,
): Promise<Omit<Performed, 'result'>> => {
  if (action.kind === 'sleep') {
    await letDaysPass(database, action.days)
    if (action.written) await writeDue(database)
    return {}
  }
  if (action.kind === 'kill') {
    await cutSomebodyOff(database)
    return {}
  }
  if (action.kind === 'sql') {
    await database.transaction((tx) => runTransaction(tx, prefix, action))
    return {}
  }
  const sku = `${prefix}${action.sku}`
  const command = withKey(key)
  switch (action.kind) {
    case 'create':
      return {
        item: await inventory.create(command, {
          sku,
          name: 'Item',
          threshold: action.threshold,
        }),
      }
    case 'receive':
      return { item: await inventory.addLot(command, sku, action.lot) }
    case 'consume':
      return inventory.consume(command, sku, { quantity: action.quantity, reason: key })
    case 'adjust':
    case 'dispose': {
      const { lotNumber, quantity, expected } = action
      const body = { lotNumber, quantity, reason: key }
      if (action.kind === 'dispose') return { item: await inventory.dispose(command, sku, body) }
      const count = expected === undefined ? body : { ...body, expected }
      return { item: await inventory.adjust(command, sku, count) }
    }
    case 'update':
      return { item: await inventory.update(pharmacist, sku, { threshold: action.threshold }) }
    case 'retire':
      await inventory.archive(pharmacist, sku)
      return {}
  }
}

/** Ends the connection of one of the other writers, if there is one. */
const cutSomebodyOff = async (database: Database): Promise<void> => {
  if (database.kind === 'pglite') return
  await database.query(
    `select pg_terminate_backend(pid) from (
      select pid from pg_stat_activity
      where datname = current_database() and application_name = $1 and pid <> pg_backend_pid()
      order by random() limit 1) as somebody`,
    [WRITER],
  )
}

/** What the connections call themselves that may be cut off. */
export const WRITER = 'stock writer'

const runTransaction = async (
  tx: Queryable,
  prefix: string,
  { statements, rollback }: Action & { kind: 'sql' },
): Promise<void> => {
  for (const { statement, undone } of statements) {
    if (undone) await tx.query('savepoint here')
    await run(tx, prefix, statement)
    if (undone) await tx.query('rollback to savepoint here')
  }
  if (rollback) throw ROLLBACK
}

const run = (tx: Queryable, prefix: string, statement: Statement): Promise<unknown> => {
  const skus = statement.skus.map((sku) => prefix + sku)
  switch (statement.kind) {
    case 'shift':
      return tx.query(
        'update inventory_lots set quantity = quantity + $2 where sku = any ($1::text[])',
        [skus, statement.delta],
      )
    case 'put':
      return tx.query(
        `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
          select sku, lot."lotNumber", lot.quantity, lot."expiryDate"
          from unnest($1::text[]) as sku,
            jsonb_to_recordset($2::jsonb) as lot ("lotNumber" text, quantity integer, "expiryDate" date)
          on conflict (sku, lot_number) do update
            set quantity = excluded.quantity, expiry_date = excluded.expiry_date`,
        [skus, JSON.stringify(statement.lots)],
      )
    case 'remove':
      return tx.query(
        'delete from inventory_lots where sku = any ($1::text[]) and lot_number = $2',
        [skus, statement.lotNumber],
      )
    case 'threshold':
      return tx.query('update inventory_items set threshold = $2 where sku = any ($1::text[])', [
        skus,
        statement.threshold,
      ])
    case 'archive':
      return statement.archived
        ? tx.query('delete from inventory_items where sku = any ($1::text[])', [skus])
        : tx.query('update inventory_items set archived_at = null where sku = any ($1::text[])', [
            skus,
          ])
  }
}

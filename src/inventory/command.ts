import type { Item } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database, Queryable } from '../storage/database.js'
import { once } from '../storage/idempotency.js'

/** Who changes the stock, and the key under which the answer is kept. */
export interface Command {
  /** Name that the history shows. */
  readonly actor: string
  readonly userId: string
  /** See `once`; changes of an item's fields ignore it. */
  readonly idempotencyKey?: string
}

/** How the history calls a change of lots. */
export interface Movement {
  readonly action: 'lot_added' | 'consumed' | 'adjusted' | 'disposed'
  readonly reason?: string | undefined
}

/** Runs `work` once per idempotency key, in a transaction that tells the triggers who acts and why. */
export const moveStock = <T>(
  database: Database,
  { actor, userId, idempotencyKey }: Command,
  { action, reason, ...request }: Movement & { readonly sku: string; readonly body: unknown },
  work: (tx: Queryable) => Promise<T>,
): Promise<T> =>
  once(database, { userId, key: idempotencyKey, request: { action, ...request } }, async (tx) => {
    await tx.query(
      `select set_config('uzima.actor', $1, true), set_config('uzima.action', $2, true),
        set_config('uzima.reason', $3, true)`,
      [actor, action, reason ?? ''],
    )
    return work(tx)
  })

/** Tells the triggers of this transaction who changes an item. */
export const setActor = async (tx: Queryable, { actor }: Command): Promise<void> => {
  await tx.query(`select set_config('uzima.actor', $1, true)`, [actor])
}

/** The item as everybody sees it, archived or not; throws `INVENTORY_ITEM_NOT_FOUND`. */
export const readItem = async (database: Queryable, sku: string): Promise<Item> => {
  const [row] = await database.query<{ item: Item }>(
    'select item from inventory_item_view where sku = $1',
    [sku],
  )
  if (row === undefined) throw new AppError('INVENTORY_ITEM_NOT_FOUND')
  return row.item
}

/** Throws `INVENTORY_ITEM_NOT_FOUND` or `INVENTORY_ITEM_ARCHIVED` where stock of the item cannot be moved. */
export const refuseUnlessActive = async (
  tx: Queryable,
  sku: string,
  { lock }: { readonly lock: boolean },
): Promise<void> => {
  const [item] = await tx.query<{ archived: boolean }>(
    `select archived_at is not null as archived from inventory_items where sku = $1
      ${lock ? 'for no key update' : ''}`,
    [sku],
  )
  if (item === undefined) throw new AppError('INVENTORY_ITEM_NOT_FOUND')
  if (item.archived) throw new AppError('INVENTORY_ITEM_ARCHIVED')
}

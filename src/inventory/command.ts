import type { Item, Movement as PastMovement } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import type { Database, Queryable } from '../storage/database.js'
import { expectSameRequest, once, type Slot } from '../storage/idempotency.js'

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

/** A movement as work that may be asked for twice. */
export interface MovementWork<T> {
  readonly run: (tx: Queryable, slot: Slot | undefined) => Promise<T>
  /** The answer to a repetition whose stored answer is gone: of what moved then (nothing, where `keepKey` kept the key). */
  readonly recall: (tx: Queryable, lots: PastMovement['lots']) => Promise<T>
}

/**
 * Runs the work once per user and idempotency key, in a transaction that tells the triggers who acts, why, and under which
 * key: the movement keeps that, and answers for it when the stored answer is forgotten.
 */
export const moveStock = <T>(
  database: Database,
  { actor, userId, idempotencyKey }: Command,
  { action, reason, ...request }: Movement & { readonly sku: string; readonly body: unknown },
  work: MovementWork<T>,
): Promise<T> =>
  once(
    database,
    { userId, key: idempotencyKey, request: { action, ...request } },
    async (tx, slot) => {
      await tx.query(
        `select set_config('uzima.actor', $1, true), set_config('uzima.action', $2, true),
            set_config('uzima.reason', $3, true), set_config('uzima.user_id', $4, true),
            set_config('uzima.request_key', $5, true), set_config('uzima.request_hash', $6, true)`,
        [actor, action, reason ?? '', userId, slot?.key ?? '', slot?.hash.toString('hex') ?? ''],
      )
      return work.run(tx, slot)
    },
    async (tx, slot, isKept) => {
      const lots = isKept ? [] : await movedUnder(tx, slot)
      return lots && work.recall(tx, lots)
    },
  )

/** What moved under a key; undefined where nothing did. Throws `IDEMPOTENCY_KEY_REUSED` for another request. */
const movedUnder = async (tx: Queryable, slot: Slot): Promise<PastMovement['lots'] | undefined> => {
  const [movement] = await tx.query<{ lots: PastMovement['lots']; hash: Uint8Array }>(
    `select lots, request_hash as hash from stock_movements where user_id = $1 and request_key = $2`,
    [slot.userId, slot.key],
  )
  if (movement === undefined) return undefined
  expectSameRequest(slot, movement.hash)
  return movement.lots
}

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

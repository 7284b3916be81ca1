import type { CreateItem, Item, UpdateItem } from '@uzima/contracts'
import { AppError } from '../errors/app-error.js'
import { sqlState, type Database, type Queryable, type SqlValue } from '../storage/database.js'
import { once } from '../storage/idempotency.js'
import { readItem, setActor, type Command } from './command.js'

/** Makes an item without stock; throws `INVENTORY_SKU_EXISTS`, also for the sku of an archived one. */
export const createItem = (
  database: Database,
  command: Command,
  body: CreateItem,
): Promise<Item> => {
  const { userId, idempotencyKey } = command
  const request = { action: 'create', body }
  const run = async (tx: Queryable): Promise<Item> => {
    await setActor(tx, command)
    const { sku, name, category = null, unit = null, threshold = 0, metadata = {} } = body
    const created = await tx
      .query(
        `insert into inventory_items (sku, name, category, unit, threshold, metadata)
          values ($1, $2, $3, $4, $5, $6::jsonb) on conflict (sku) do nothing returning 1`,
        [sku, name, category, unit, threshold, JSON.stringify(metadata)],
      )
      .catch(refuseUnstorable)
    if (created.length === 0) throw new AppError('INVENTORY_SKU_EXISTS')
    return readItem(tx, sku)
  }
  return once(database, { userId, key: idempotencyKey, request }, run)
}

/**
 * Changes the fields that `changes` names; where `versions` are given, only at one of them. Throws `INVENTORY_ITEM_NOT_FOUND`, or
 * `INVENTORY_VERSION_CONFLICT` with `{ currentVersion }`.
 */
export const updateItem = (
  database: Database,
  command: Command,
  sku: string,
  changes: UpdateItem,
  versions?: readonly number[],
): Promise<Item> =>
  database.transaction(async (tx) => {
    await setActor(tx, command)
    const { assignments, values } = assign(changes, 3)
    const updated = await tx
      .query(
        `update inventory_items set ${assignments}
          where sku = $1 and archived_at is null and ($2::jsonb is null or $2::jsonb @> to_jsonb(version)) returning 1`,
        [sku, versions === undefined ? null : JSON.stringify(versions), ...values],
      )
      .catch(refuseUnstorable)
    if (updated.length === 0) await refuseUpdate(tx, sku)
    return readItem(tx, sku)
  })

/** Takes the item out of use; history and lots stay. Throws `INVENTORY_ITEM_NOT_FOUND`, also the second time. */
export const archiveItem = (database: Database, command: Command, sku: string): Promise<void> =>
  database.transaction(async (tx) => {
    await setActor(tx, command)
    const archived = await tx.query(
      `update inventory_items set archived_at = clock_timestamp()
        where sku = $1 and archived_at is null returning 1`,
      [sku],
    )
    if (archived.length === 0) throw new AppError('INVENTORY_ITEM_NOT_FOUND')
  })

/** The columns that change, as text of ours: no name of a request gets into SQL. */
const assign = (
  { name, category, unit, threshold, metadata }: UpdateItem,
  firstParameter: number,
): { assignments: string; values: SqlValue[] } => {
  const columns: readonly (readonly [string, SqlValue | undefined])[] = [
    ['name', name],
    ['category', category],
    ['unit', unit],
    ['threshold', threshold],
    ['metadata', metadata === undefined ? undefined : JSON.stringify(metadata)],
  ]
  const given = columns.flatMap(([column, value]) =>
    value === undefined ? [] : [{ column, value }],
  )
  return {
    assignments: given
      .map(({ column }, index) => `${column} = $${(index + firstParameter).toString()}`)
      .join(', '),
    values: given.map(({ value }) => value),
  }
}

const refuseUpdate = async (tx: Queryable, sku: string): Promise<never> => {
  const [item] = await tx.query<{ version: number }>(
    'select version from inventory_items where sku = $1 and archived_at is null',
    [sku],
  )
  if (item === undefined) throw new AppError('INVENTORY_ITEM_NOT_FOUND')
  throw new AppError('INVENTORY_VERSION_CONFLICT', {
    detail: `The item is at version ${item.version.toString()}. Read it again and repeat the change.`,
    details: { currentVersion: item.version },
  })
}

// NUL and lone surrogates, which JSON can tell and jsonb cannot keep.
const UNSTORABLE_TEXT = new Set(['22P05', '22P02'])

const refuseUnstorable = (error: unknown): never => {
  if (!UNSTORABLE_TEXT.has(sqlState(error) ?? '')) throw error
  throw new AppError('VALIDATION_FAILED', {
    detail: 'metadata has a character that cannot be stored.',
    cause: error,
  })
}

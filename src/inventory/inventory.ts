import type {
  AddLot,
  Adjust,
  Consume,
  ConsumeResult,
  Consumption,
  ConsumptionQuery,
  CreateItem,
  Dispose,
  InventoryPage,
  InventoryQuery,
  Item,
  MovementPage,
  UpdateItem,
} from '@uzima/contracts'
import type { Database } from '../storage/database.js'
import type { Command, Movement } from './command.js'
import { consumeStock } from './consume.js'
import { readConsumption } from './consumption.js'
import { archiveItem, createItem, updateItem } from './items.js'
import { getItem, listItems } from './list.js'
import { addLot, adjustLot, disposeOfLot } from './lots.js'
import { listMovements, type MovementQuery } from './movements.js'
import { createTogether } from './together.js'

export type { Command } from './command.js'

/**
 * The rules of stock over the database. Numbers, history, totals and alerts are made there, by triggers, so nothing here
 * has to tell anybody. Bodies and queries are those that the contract's schemas let through; refusals are `AppError`.
 */
export interface Inventory {
  readonly list: (query: InventoryQuery) => Promise<InventoryPage>
  readonly get: (sku: string) => Promise<Item>
  readonly create: (command: Command, body: CreateItem) => Promise<Item>
  readonly update: (
    command: Command,
    sku: string,
    body: UpdateItem,
    versions?: readonly number[],
  ) => Promise<Item>
  readonly archive: (command: Command, sku: string) => Promise<void>
  readonly addLot: (command: Command, sku: string, body: AddLot) => Promise<Item>
  readonly consume: (command: Command, sku: string, body: Consume) => Promise<ConsumeResult>
  readonly adjust: (command: Command, sku: string, body: Adjust) => Promise<Item>
  readonly dispose: (command: Command, sku: string, body: Dispose) => Promise<Item>
  readonly movements: (sku: string, query: MovementQuery) => Promise<MovementPage>
  readonly consumption: (query: ConsumptionQuery) => Promise<Consumption>
}

/** Serves the stock in `database`. */
export const createInventory = (database: Database): Inventory => {
  const together = createTogether(database)
  /** Has `work` carried out with the movements that are asked for at the same time. */
  const moving =
    <B, T>(
      action: Movement['action'],
      work: (database: Database, command: Command, sku: string, body: B) => Promise<T>,
    ) =>
    (command: Command, sku: string, body: B): Promise<T> =>
      together.move({ command, action, sku, body }, () => work(database, command, sku, body))

  return {
    list: (query) => listItems(database, query),
    get: (sku) => getItem(database, sku),
    create: (command, body) => createItem(database, command, body),
    update: (command, sku, body, versions) => updateItem(database, command, sku, body, versions),
    archive: (command, sku) => archiveItem(database, command, sku),
    addLot: moving('lot_added', addLot),
    consume: moving('consumed', consumeStock),
    adjust: moving('adjusted', adjustLot),
    dispose: moving('disposed', disposeOfLot),
    movements: (sku, query) => listMovements(database, sku, query),
    consumption: (query) => readConsumption(database, query),
  }
}

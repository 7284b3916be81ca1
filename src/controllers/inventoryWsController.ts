import type { JsonObject } from '@uzima/contracts'
import type { Publisher } from '../ports/realtime.js'
import { sendToAll, sendToRole } from '../services/realtime.service.js'

/**
 * The events of inventory, for a back end that keeps its stock elsewhere. Where the stock is in our database nobody calls
 * these: each committed change becomes its event by itself.
 */
export interface InventoryWsController {
  /** Tells every signed-in user that an item changed: `inventory:update`. */
  readonly emitInventoryUpdate: (data: JsonObject) => void
  /** Tells that an item has fallen to its threshold: `inventory:lowStock`, to all, or to one role. */
  readonly emitLowStock: (data: JsonObject, options?: { readonly role?: string }) => void
  /** Sends any inventory event to the users of one role. */
  readonly emitToRole: (role: string, event: string, data: JsonObject) => void
}

export const createInventoryWsController = (deps: {
  readonly publisher: Pick<Publisher, 'sendToAll' | 'sendToRole'>
}): InventoryWsController => ({
  emitInventoryUpdate(data) {
    deps.publisher.sendToAll('inventory:update', data)
  },
  emitLowStock(data, { role } = {}) {
    if (role === undefined) deps.publisher.sendToAll('inventory:lowStock', data)
    else deps.publisher.sendToRole(role, 'inventory:lowStock', data)
  },
  emitToRole(role, event, data) {
    deps.publisher.sendToRole(role, event, data)
  },
})

/** Ready made, as the seed has it. It holds no state: what is bound is looked up at each call. */
export const inventoryWsController = createInventoryWsController({
  publisher: { sendToAll, sendToRole },
})

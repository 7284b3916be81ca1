import type { Item } from '@uzima/contracts'
import { hasTurn, resultOf, type StockSave, type StockStore } from './stock-store.js'

/** Keeps the stock as long as the page is open. */
export const memoryStockStore = (): StockStore => {
  const kept = new Map<string, { last: Omit<StockSave, 'items'>; items: Map<string, Item> }>()
  let lastUserId: string | undefined

  return {
    read: (userId = lastUserId, turn) => {
      const entry = userId === undefined ? undefined : kept.get(userId)
      if (entry === undefined) return Promise.resolve(null)
      if (hasTurn(turn, entry.last)) entry.last = { ...entry.last, ...turn }
      const { user, position, asOf, clockOffsetMs, alerts } = entry.last
      return Promise.resolve({
        user,
        position,
        asOf,
        clockOffsetMs,
        items: [...entry.items.values()],
        alerts,
      })
    },
    save: ({ items: changed, ...save }) => {
      const { userId } = save.user
      const before = kept.get(userId)
      const result = resultOf(save, before?.last)
      if (result === 'saved') {
        const items = save.whole || before === undefined ? new Map<string, Item>() : before.items
        for (const sku of save.removed) items.delete(sku)
        for (const item of changed) items.set(item.sku, item)
        kept.set(userId, { last: save, items })
        lastUserId = userId
      }
      return Promise.resolve(result)
    },
    wipe: (userId) => {
      kept.delete(userId)
      return Promise.resolve()
    },
  }
}

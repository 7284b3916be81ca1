import type { Item } from '@uzima/contracts'
import { resultOf, type KeptStock, type StockStore } from './stock-store.js'

/** Keeps the stock as long as the page is open. */
export const memoryStockStore = (): StockStore => {
  const kept = new Map<string, { head: Omit<KeptStock, 'items'>; items: Map<string, Item> }>()
  let lastUserId: string | undefined

  return {
    read: (userId = lastUserId) => {
      const entry = userId === undefined ? undefined : kept.get(userId)
      return Promise.resolve(entry ? { ...entry.head, items: [...entry.items.values()] } : null)
    },
    save: ({ items: changed, removed, since, ...head }) => {
      const { userId } = head.user
      const before = kept.get(userId)
      const result = resultOf({ ...head, since }, before?.head)
      if (result === 'saved') {
        const items = new Map(since && before?.items)
        for (const sku of removed) items.delete(sku)
        for (const item of changed) items.set(item.sku, item)
        kept.set(userId, { head, items })
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

import type { Item } from '@uzima/contracts'
import type { StockView } from '../stock-view.js'
import type { InventoryView, StockQuery } from '../uzima-client-types.js'

/** For now a filter over the whole view; the index takes its place. */
export const createInventoryView = (stock: StockView): InventoryView => {
  const results = new Map<string, { readonly of: unknown; readonly items: readonly Item[] }>()
  return {
    get: (sku) => stock.state().itemsBySku.get(sku),
    list: (query = {}) => {
      const key = JSON.stringify(query)
      const { itemsBySku } = stock.state()
      const known = results.get(key)
      if (known?.of === itemsBySku) return known.items
      const items = [...itemsBySku.values()].filter((item) => matches(item, query)).sort(byName)
      const before = known?.items
      const same = before?.length === items.length && items.every((item, i) => item === before[i])
      const result = same ? before : items
      results.set(key, { of: itemsBySku, items: result })
      return result
    },
    subscribe: (_target, listener) => stock.subscribe(listener),
    position: () => stock.state().position,
    changedAtSeq: (sku) => stock.state().changedAtSeq.get(sku),
  }
}

const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()

const byName = (a: Item, b: Item): number => a.name.localeCompare(b.name)

const matches = (item: Item, query: StockQuery): boolean => {
  const { search, category, low, expired } = query
  if (category !== undefined && item.category !== category) return false
  if (low !== undefined && item.lowStock !== low) return false
  if (expired !== undefined && item.expiredQuantity > 0 !== expired) return false
  if (search === undefined) return true
  return fold(`${item.name} ${item.sku} ${item.category ?? ''}`).includes(fold(search.trim()))
}

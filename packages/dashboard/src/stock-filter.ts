import type { Item } from '@uzima/contracts'
import { daysUntil } from './format.js'

export type StockScope = 'all' | 'low' | 'expiring'

export interface StockFilter {
  readonly scope: StockScope
  readonly search: string
}

/** Lots that expire within this many days count as expiring; expired ones that still hold stock do too. */
export const EXPIRING_WITHIN_DAYS = 90

/** Gives the items of `filter`, by name; every word of the search must occur in name, code or category. */
export const filterStock = (
  items: Iterable<Item>,
  filter: StockFilter,
  now: number = Date.now(),
): Item[] => {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean)
  return [...items]
    .filter((item) => isInScope(item, filter.scope, now) && matches(item, words))
    .sort((a, b) => byName.compare(a.name, b.name) || byName.compare(a.sku, b.sku))
}

// `numeric`, so that 250 mg stands before 1000 mg.
const byName = new Intl.Collator('en', { numeric: true })

/** Whether an item has stock that expires soon or has expired. */
export const isExpiring = (item: Item, now: number = Date.now()): boolean =>
  item.lots.some(
    (lot) =>
      lot.quantity > 0 && (lot.expired || daysUntil(lot.expiryDate, now) <= EXPIRING_WITHIN_DAYS),
  )

const isInScope = (item: Item, scope: StockScope, now: number): boolean => {
  if (scope === 'low') return item.lowStock
  if (scope === 'expiring') return isExpiring(item, now)
  return true
}

const matches = (item: Item, words: readonly string[]): boolean => {
  const text = `${item.name} ${item.sku} ${item.category ?? ''}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

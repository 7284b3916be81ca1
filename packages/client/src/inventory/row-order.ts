import type { StockQuery } from '../uzima-client-types.js'
import type { Row } from './row.js'

/** Below zero where `a` comes first; zero only for two versions of one item. */
export type Compare = (a: Row, b: Row) => number

const bySku: Compare = (a, b) =>
  compareText(a.skuKey, b.skuKey) || compareText(a.item.sku, b.item.sku)

export const byName: Compare = (a, b) => compareText(a.nameKey, b.nameKey) || bySku(a, b)

/** What comes before the name in an order. */
export const FIRST_BY: Readonly<Record<NonNullable<StockQuery['sort']>, Compare>> = {
  name: () => 0,
  sku: bySku,
  quantity: (a, b) => a.item.usableQuantity - b.item.usableQuantity,
  expiry: (a, b) => compareText(a.expiry, b.expiry),
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

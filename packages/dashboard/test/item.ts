import type { Item } from '@uzima/contracts'

/** An item as the service tells it, but for what a test is about. */
export const item = (sku: string, changes: Partial<Item> = {}): Item => ({
  sku,
  name: `Name of ${sku}`,
  category: 'Antibiotics',
  unit: 'tablet',
  threshold: 10,
  totalQuantity: 40,
  usableQuantity: 40,
  expiredQuantity: 0,
  lowStock: false,
  version: 1,
  lots: [],
  metadata: {},
  updatedAt: '2026-11-27T08:00:00.000Z',
  ...changes,
})

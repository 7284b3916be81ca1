import type { Item, Lot } from '@uzima/contracts'

/** An item like any other, but for `changes`. */
export const itemOf = (sku: string, changes: Partial<Item> = {}): Item => ({
  sku,
  name: sku,
  category: null,
  unit: 'tablet',
  threshold: 5,
  totalQuantity: 10,
  usableQuantity: 10,
  expiredQuantity: 0,
  lowStock: false,
  version: 1,
  lots: [],
  metadata: {},
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
})

export const lotOf = (expiryDate: string, changes: Partial<Lot> = {}): Lot => ({
  lotNumber: 'L',
  quantity: 5,
  expiryDate,
  receivedAt: '2026-01-01T00:00:00.000Z',
  expired: false,
  ...changes,
})

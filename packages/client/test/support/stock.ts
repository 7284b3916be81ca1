import type { InventoryUpdate, Item, Lot } from '@uzima/contracts'
import fc from 'fast-check'
import { EPOCH } from './fake-server.js'

export const TODAY = '2026-11-27'
/** Noon of `TODAY` wherever the test runs. */
export const NOON: number = new Date(2026, 10, 27, 12).getTime()

const lot: fc.Arbitrary<Lot> = fc.record({
  lotNumber: fc.constantFrom('A1', 'B2', 'Lot 7', 'É9'),
  quantity: fc.integer({ min: 0, max: 3 }),
  expiryDate: fc.constantFrom('2026-11-01', TODAY, '2026-11-28', '2026-12-20', '2031-01-31'),
  receivedAt: fc.constant('2026-01-01T00:00:00.000Z'),
  expired: fc.boolean(),
})

/** One of few items, so that what happens to one happens again. */
export const anyItem: fc.Arbitrary<Item> = fc
  .record({
    sku: fc.constantFrom('A-1', 'a-2', 'B-10', 'B-9', 'Z'),
    name: fc.constantFrom(
      'Éosine',
      'eosin',
      'Amoxicillin 500 mg',
      'Amoxicillin 125 mg',
      'Paracétamol',
    ),
    category: fc.constantFrom(null, 'Antibiotics', 'antibiotics', 'Fièvre'),
    lots: fc.array(lot, { maxLength: 3 }),
    threshold: fc.integer({ min: 0, max: 4 }),
    version: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ lots, ...fields }) => {
    const sum = (expired: boolean): number =>
      lots.filter((one) => one.expired === expired).reduce((all, { quantity }) => all + quantity, 0)
    const usableQuantity = sum(false)
    return {
      ...fields,
      unit: null,
      totalQuantity: usableQuantity + sum(true),
      usableQuantity,
      expiredQuantity: sum(true),
      lowStock: usableQuantity <= fields.threshold,
      lots: lots.sort((a, b) => (a.expiryDate < b.expiryDate ? -1 : 1)),
      metadata: {},
      updatedAt: '2026-01-01T00:00:00.000Z',
    }
  })

export const updateOf = (
  seq: number,
  item: Item,
  type: InventoryUpdate['type'] = 'updated',
): { readonly name: 'inventory:update'; readonly payload: InventoryUpdate } => ({
  name: 'inventory:update',
  payload: { seq, type, item, timestamp: '2026-01-01T00:00:00.000Z' },
})

export const at = (seq: number): { readonly epoch: string; readonly seq: number } => ({
  epoch: EPOCH,
  seq,
})

import type { Item, Lot } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { checkHistory } from './check-history.js'
import type { Entry, History } from './history.js'

const AT = '2030-01-01T00:00:00.000Z'

const itemOf = (version: number, units: Readonly<Record<string, number>>): Item => {
  const lots = Object.entries(units).map(([lotNumber, quantity]): Lot => ({
    lotNumber,
    quantity,
    expiryDate: lotNumber === 'A' ? '2040-01-01' : '2041-01-01',
    receivedAt: AT,
    expired: false,
  }))
  const totalQuantity = lots.reduce((sum, { quantity }) => sum + quantity, 0)
  return {
    sku: 'x',
    name: 'Item',
    category: null,
    unit: null,
    threshold: 5,
    totalQuantity,
    usableQuantity: totalQuantity,
    expiredQuantity: 0,
    lowStock: totalQuantity <= 5,
    version,
    lots,
    metadata: {},
    updatedAt: AT,
  }
}

const update = (seq: number, type: 'created' | 'lot_added' | 'consumed', item: Item): Entry => ({
  seq,
  name: 'inventory:update',
  payload: {
    seq,
    type,
    item,
    timestamp: AT,
    ...(type === 'consumed'
      ? { lotsConsumed: [{ lotNumber: 'A', expiryDate: '2040-01-01', quantity: 4 }] }
      : {}),
  },
})

const move = (
  seq: number,
  lotNumber: string,
  [lotBefore, lotAfter]: readonly [number, number],
  [before, after]: readonly [number, number],
): History['movements'][number] => {
  const expiryDate = lotNumber === 'A' ? '2040-01-01' : '2041-01-01'
  const delta = lotAfter - lotBefore
  return {
    sku: 'x',
    id: seq.toString(),
    type: delta > 0 ? 'lot_added' : 'consumed',
    delta,
    before,
    after,
    lots: [{ lotNumber, expiryDate, delta, before: lotBefore, after: lotAfter }],
    actor: 'Amina',
    reason: null,
    at: AT,
    seq,
  }
}

const last = itemOf(4, { A: 0, B: 3 })

/** Made, filled with 4 + 3, and brought below 5 by a consumption. */
const sound: History = {
  base: 10,
  head: 15,
  pending: 0,
  items: [last],
  entries: [
    update(11, 'created', itemOf(1, {})),
    update(12, 'lot_added', itemOf(2, { A: 4 })),
    update(13, 'lot_added', itemOf(3, { A: 4, B: 3 })),
    update(14, 'consumed', last),
    {
      seq: 15,
      name: 'inventory:lowStock',
      payload: {
        seq: 15,
        sku: 'x',
        name: 'Item',
        totalQuantity: 3,
        usableQuantity: 3,
        threshold: 5,
        lots: last.lots,
        timestamp: AT,
      },
    },
  ],
  movements: [
    move(12, 'A', [0, 4], [0, 4]),
    move(13, 'B', [0, 3], [4, 7]),
    move(14, 'A', [4, 0], [7, 3]),
  ],
}

const withEntry = (index: number, item: Item, type: 'lot_added' | 'consumed'): History => ({
  ...sound,
  entries: sound.entries.with(index, update(sound.base + 1 + index, type, item)),
})

describe('checkHistory', () => {
  it('finds nothing in a sound history', () => {
    expect(checkHistory(sound)).toEqual([])
  })

  const fromLate = itemOf(4, { A: 3, B: 0 })
  const broken: Readonly<Record<string, History>> = {
    'a hole': {
      ...sound,
      entries: sound.entries.toSpliced(1, 1),
      movements: sound.movements.slice(1),
    },
    'a number twice': {
      ...sound,
      entries: sound.entries.with(1, update(11, 'lot_added', itemOf(2, { A: 4 }))),
    },
    'a head that is ahead': { ...sound, head: 16 },
    'rows left in log_pending': { ...sound, pending: 1 },
    'a movement that is missing': { ...sound, movements: sound.movements.slice(1) },
    'a movement without an entry': {
      ...sound,
      movements: [...sound.movements, move(99, 'B', [3, 2], [3, 2])],
    },
    'a total that jumps between two movements': {
      ...sound,
      movements: sound.movements.with(1, move(13, 'B', [0, 3], [5, 8])),
    },
    'a version that stands still': withEntry(2, itemOf(2, { A: 4, B: 3 }), 'lot_added'),
    'a total that is not the sum': withEntry(
      2,
      { ...itemOf(3, { A: 4, B: 3 }), totalQuantity: 8 },
      'lot_added',
    ),
    'a consumption from the later lot': {
      ...withEntry(3, fromLate, 'consumed'),
      items: [fromLate],
      movements: sound.movements.with(2, move(14, 'B', [3, 0], [7, 4])),
    },
    'a crossing without its alert': { ...sound, head: 14, entries: sound.entries.slice(0, 4) },
    'an alert without a crossing': {
      ...sound,
      head: 16,
      entries: [...sound.entries, { ...sound.entries[4], seq: 16 } as Entry],
    },
    'stock that the log does not lead to': { ...sound, items: [itemOf(4, { A: 0, B: 2 })] },
  }
  for (const [name, history] of Object.entries(broken)) {
    it(`finds ${name}`, () => {
      expect(checkHistory(history)).not.toEqual([])
    })
  }
})

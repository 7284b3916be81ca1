import type { Item } from '@uzima/contracts'

type Lot = Item['lots'][number]

export type Attention = 'out' | 'expired' | 'low' | 'soon'

const ORDER: readonly Attention[] = ['out', 'expired', 'low', 'soon']

/** Says what an item needs most: nothing left to dispense before what must be taken off the shelf, before what runs out. */
export const attentionOf = (item: Item, lastDay: string): Attention | undefined => {
  if (item.usableQuantity === 0) return 'out'
  if (item.expiredQuantity > 0) return 'expired'
  if (item.lowStock) return 'low'
  const isSoon = item.lots.some(
    ({ quantity, expired, expiryDate }) => quantity > 0 && !expired && expiryDate <= lastDay,
  )
  return isSoon ? 'soon' : undefined
}

/** The lot whose day matters first: what has expired must be taken off the shelf before the next is given out. */
export const firstLotOf = ({ lots }: Item): Lot | undefined =>
  lots.find(({ quantity }) => quantity > 0)

export interface ItemWithAttention {
  readonly item: Item
  readonly attention: Attention
}

/** Gives the items that need something, the most urgent first; in the order of `items` where that is equal. */
export const needingAttention = (
  items: readonly Item[],
  lastDay: string,
): readonly ItemWithAttention[] =>
  items
    .flatMap((item) => {
      const attention = attentionOf(item, lastDay)
      return attention === undefined ? [] : [{ item, attention }]
    })
    .sort((a, b) => ORDER.indexOf(a.attention) - ORDER.indexOf(b.attention))

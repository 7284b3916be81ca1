import type { Item } from '@uzima/contracts'
import { fold, orderKeyOf } from './fold.js'

/** An item with what searching and ordering it takes, worked out once for each version of it. */
export interface Row {
  readonly item: Item
  readonly nameKey: string
  readonly skuKey: string
  /** The earliest expiry of what is there; of nothing, later than all. */
  readonly expiry: string
  /** Everything that a search looks at, folded. */
  readonly text: () => string
  /** Folded sku and lot numbers, of which one is what a scanner reads. */
  readonly codes: () => readonly string[]
}

export const rowOf = (item: Item): Row => {
  let text: string | undefined
  let codes: readonly string[] | undefined
  const codesOf = (): readonly string[] =>
    (codes ??= [item.sku, ...item.lots.map(({ lotNumber }) => lotNumber)].map(fold))
  return {
    item,
    nameKey: orderKeyOf(item.name),
    skuKey: orderKeyOf(item.sku),
    expiry: item.lots.find(({ quantity }) => quantity > 0)?.expiryDate ?? NEVER,
    // Most items are never searched for; a line break is in no name, so no word spans two of them.
    text: () => (text ??= [fold(`${item.name}\n${item.category ?? ''}`), ...codesOf()].join('\n')),
    codes: codesOf,
  }
}

const NEVER = '\uffff'

import type { Item } from '@uzima/contracts'
import { fold, orderKeyOf } from './fold.js'

/** An item with what searching and ordering it takes, worked out once for each version of it. */
export interface Row {
  readonly item: Item
  readonly nameKey: string
  readonly skuKey: string
  /** The earliest expiry of what is there; of nothing, later than all. */
  readonly expiry: string
  /** Everything that a search looks at, folded; sku and lot numbers, of which one is what a scanner reads, as `codeIn` has it. */
  readonly text: () => string
}

/** How a code stands in a row's text. Neither a name nor a word that is searched for has such a break. */
export const codeIn = (...codes: readonly string[]): string => `\r${codes.join('\r')}\r`

export const rowOf = (item: Item): Row => {
  const { name, sku, category, lots } = item
  let text: string | undefined
  return {
    item,
    nameKey: orderKeyOf(name),
    skuKey: orderKeyOf(sku),
    expiry: lots.find(({ quantity }) => quantity > 0)?.expiryDate ?? NEVER,
    // Most items are never searched for.
    text: () =>
      (text ??= fold(
        `${name}\n${category ?? ''}${codeIn(sku, ...lots.map(({ lotNumber }) => lotNumber))}`,
      )),
  }
}

const NEVER = '\uffff'

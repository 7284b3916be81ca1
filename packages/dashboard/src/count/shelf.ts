import type { Item } from '@uzima/contracts'

/** One lot to count. */
export interface CountLine {
  /** Of the lot: unique on all shelves. */
  readonly key: string
  readonly sku: string
  readonly name: string
  readonly unit: string | null
  readonly lotNumber: string
  readonly expiryDate: string
  readonly expired: boolean
  /** What the stock says now; hidden from the person until something was typed. */
  readonly expected: number
}

/** A place that is counted in one go. */
export interface Shelf {
  /** The item's `metadata.shelf`, else its category; empty for those that have neither. */
  readonly name: string
  readonly lots: number
}

/** Names what is counted together with the item. */
export const shelfOf = ({ metadata, category }: Pick<Item, 'metadata' | 'category'>): string => {
  const { shelf } = metadata
  return typeof shelf === 'string' && shelf.trim() !== '' ? shelf.trim() : (category ?? '')
}

/** All shelves by name, with the number of lots that lie there. */
export const shelvesOf = (
  items: readonly Item[],
  compare: (a: string, b: string) => number,
): Shelf[] => {
  const lots = new Map<string, number>()
  for (const item of items) {
    const held = item.lots.filter(({ quantity }) => quantity > 0).length
    const shelf = shelfOf(item)
    if (held > 0) lots.set(shelf, (lots.get(shelf) ?? 0) + held)
  }
  return [...lots]
    .map(([name, count]) => ({ name, lots: count }))
    .toSorted((a, b) => compare(a.name, b.name))
}

/**
 * The lots of a shelf in the order in which they stand there: items by name, lots by expiry. Lots that are used up come
 * only where they were counted before they were.
 */
export const linesOf = (
  items: readonly Item[],
  shelf: string,
  counted: ReadonlySet<string>,
  compare: (a: string, b: string) => number,
): CountLine[] =>
  items
    .filter((item) => shelfOf(item) === shelf)
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.sku, b.sku))
    .flatMap(({ sku, name, unit, lots }) =>
      lots.map(({ lotNumber, expiryDate, expired, quantity }) => ({
        key: lineKey(sku, lotNumber),
        sku,
        name,
        unit,
        lotNumber,
        expiryDate,
        expired,
        expected: quantity,
      })),
    )
    .filter(({ key, expected }) => expected > 0 || counted.has(key))

export const lineKey = (sku: string, lotNumber: string): string => JSON.stringify([sku, lotNumber])

import type { Item } from '@uzima/contracts'
import type { Movement } from './types.js'

/**
 * Usable units of `item` that the movements would add, one after the other: a consumption takes the earliest expiry first,
 * as the server does. May take more than there is. What of `item` is not known counts as 0.
 */
export const effectOf = (item: Item | undefined, movements: readonly Movement[]): number => {
  const shelf = createShelf(item)
  const before = shelf.usable()
  for (const movement of movements) {
    switch (movement.kind) {
      case 'receive':
        shelf.add(movement.lotNumber, movement.expiryDate, movement.quantity)
        break
      case 'consume':
        shelf.take(movement.quantity)
        break
      case 'count':
        shelf.set(movement.lotNumber, movement.quantity)
        break
      case 'dispose':
        shelf.takeFrom(movement.lotNumber, movement.quantity)
        break
    }
  }
  return shelf.usable() - before
}

interface ShelfLot {
  readonly expiryDate: string
  readonly expired: boolean
  quantity: number
}

const createShelf = (item: Item | undefined) => {
  const lots = new Map<string, ShelfLot>(
    item?.lots.map(({ lotNumber, expiryDate, expired, quantity }) => [
      lotNumber,
      { expiryDate, expired, quantity },
    ]),
  )
  /** Units that are asked for and not there. */
  let short = 0

  const lotOf = (lotNumber: string, expiryDate = ''): ShelfLot => {
    const lot = lots.get(lotNumber) ?? { expiryDate, expired: false, quantity: 0 }
    lots.set(lotNumber, lot)
    return lot
  }
  /** Takes what is there and gives what is missing. */
  const takeUnits = (lot: ShelfLot, quantity: number): number => {
    const taken = Math.min(lot.quantity, quantity)
    lot.quantity -= taken
    return quantity - taken
  }

  return {
    usable: (): number =>
      [...lots.values()].reduce((sum, lot) => sum + (lot.expired ? 0 : lot.quantity), -short),
    add: (lotNumber: string, expiryDate: string, quantity: number): void => {
      lotOf(lotNumber, expiryDate).quantity += quantity
    },
    set: (lotNumber: string, quantity: number): void => {
      lotOf(lotNumber).quantity = quantity
    },
    take: (quantity: number): void => {
      const byExpiry = [...lots.entries()]
        .filter(([, { expired }]) => !expired)
        .sort(([a, one], [b, other]) =>
          one.expiryDate === other.expiryDate
            ? Number(a > b) - Number(a < b)
            : Number(one.expiryDate > other.expiryDate) - Number(one.expiryDate < other.expiryDate),
        )
      short += byExpiry.reduce((missing, [, lot]) => takeUnits(lot, missing), quantity)
    },
    takeFrom: (lotNumber: string, quantity: number): void => {
      const lot = lotOf(lotNumber)
      const missing = takeUnits(lot, quantity)
      if (!lot.expired) short += missing
    },
  }
}

import type { Item } from '@uzima/contracts'
import { compareText } from '../inventory/row-order.js'
import type { Movement } from './types.js'

/**
 * Usable units of `item` that the movements would add, one after the other: a consumption takes the earliest expiry first,
 * as the server does. May take more than there is. What of `item` is not known counts as 0.
 */
export const effectOf = (item: Item | undefined, movements: readonly Movement[]): number => {
  const lots = new Map<string, ShelfLot>(item?.lots.map((lot) => [lot.lotNumber, { ...lot }]))
  /** Units that are asked for and not there. */
  let short = 0

  const usable = (): ShelfLot[] => [...lots.values()].filter(({ expired }) => !expired)
  const total = (): number => usable().reduce((sum, { quantity }) => sum + quantity, -short)
  const before = total()

  for (const movement of movements) {
    const { kind, quantity } = movement
    if (kind === 'consume') {
      short += usable()
        .sort((a, b) => compareText(placeOf(a), placeOf(b)))
        .reduce((missing, lot) => taken(lot, missing), quantity)
      continue
    }
    const { lotNumber } = movement
    const expiryDate = kind === 'receive' ? movement.expiryDate : ''
    const lot = lots.get(lotNumber) ?? { lotNumber, expiryDate, expired: false, quantity: 0 }
    lots.set(lotNumber, lot)
    if (kind === 'receive') lot.quantity += quantity
    else if (kind === 'count') lot.quantity = quantity
    else if (lot.expired) taken(lot, quantity)
    else short += taken(lot, quantity)
  }
  return total() - before
}

interface ShelfLot {
  readonly lotNumber: string
  readonly expiryDate: string
  readonly expired: boolean
  quantity: number
}

/** Takes what is there and gives what is missing. */
const taken = (lot: ShelfLot, quantity: number): number => {
  const units = Math.min(lot.quantity, quantity)
  lot.quantity -= units
  return quantity - units
}

/** By which lots are used up: by expiry, then by number. */
const placeOf = ({ expiryDate, lotNumber }: ShelfLot): string => `${expiryDate} ${lotNumber}`

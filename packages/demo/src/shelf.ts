import type { Item } from '@uzima/contracts'

/** What one item's stock is expected to be as the day goes on. */
export interface ShelfPlace {
  readonly item: Item
  /** What can be dispensed: lots that have not expired. */
  usable: number
  /** What the item's total says: all lots. */
  total: number
}

/** The expected stock of all items while a day is planned. */
export interface Shelf {
  readonly places: readonly ShelfPlace[]
  /** Takes up to `quantity`; a request for more leaves nothing usable. */
  readonly take: (place: ShelfPlace, quantity: number) => void
  readonly add: (place: ShelfPlace, quantity: number) => void
}

/** Starts from the items as the server has them; `today` (`YYYY-MM-DD`) says which lots have expired. */
export const createShelf = (items: readonly Item[], today: string): Shelf => {
  const places = items.map((item) => ({
    item,
    total: item.totalQuantity,
    usable: item.lots
      .filter(({ expiryDate }) => expiryDate >= today)
      .reduce((sum, { quantity }) => sum + quantity, 0),
  }))
  return {
    places,
    take: (place, quantity) => {
      const taken = Math.min(place.usable, quantity)
      place.usable -= taken
      place.total -= taken
    },
    add: (place, quantity) => {
      place.usable += quantity
      place.total += quantity
    },
  }
}

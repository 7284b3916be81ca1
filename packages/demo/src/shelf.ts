import type { Item } from '@uzima/contracts'

/** What one item's stock is expected to be as the day goes on. */
export interface ShelfPlace {
  readonly item: Item
  /** What can be dispensed: lots that have not expired. */
  usable: number
}

/** The expected stock of all items while a day is planned. */
export interface Shelf {
  readonly places: readonly ShelfPlace[]
  /** Takes up to `quantity`; a request for more leaves nothing usable. */
  readonly take: (place: ShelfPlace, quantity: number) => void
  readonly add: (place: ShelfPlace, quantity: number) => void
}

/** Starts from the items as the server has them. */
export const createShelf = (items: readonly Item[]): Shelf => {
  const places = items.map((item) => ({ item, usable: item.usableQuantity }))
  return {
    places,
    take: (place, quantity) => {
      place.usable -= Math.min(place.usable, quantity)
    },
    add: (place, quantity) => {
      place.usable += quantity
    },
  }
}

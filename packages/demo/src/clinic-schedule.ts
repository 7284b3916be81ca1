import type { Item } from '@uzima/contracts'
import { addDays } from './calendar.js'
import { arrivals, dispensedQuantity, pickPrescribed } from './clinic-rhythm.js'
import { createRandom, type Random } from './random.js'
import { createShelf, type Shelf, type ShelfPlace } from './shelf.js'

/** One thing to do through the API; `minute` counts from midnight. */
export type ClinicTask =
  | {
      readonly kind: 'count'
      readonly minute: number
      readonly sku: string
      readonly lotNumber: string
      readonly quantity: number
      readonly reason: string
    }
  | {
      readonly kind: 'dispense'
      readonly minute: number
      readonly sku: string
      readonly quantity: number
      readonly reason: string
    }
  | {
      readonly kind: 'delivery'
      readonly minute: number
      readonly sku: string
      readonly lotNumber: string
      readonly quantity: number
      readonly expiryDate: string
    }

/** What a planned day depends on, beside the stock. */
export interface ClinicPlanOptions {
  /** `YYYY-MM-DD`. */
  readonly today: string
  /** Another seed, another day. */
  readonly seed: string
}

/** When the clinic opens and closes, in minutes from midnight. */
export const OPENING_MINUTE = 8 * 60
export const CLOSING_MINUTE = 18 * 60

const COUNTED_LOTS = 8
const DELIVERED_ITEMS = 5
const DELIVERY_MINUTES = [10 * 60 + 20, 14 * 60 + 45]
const REFUSAL_MINUTE = 11 * 60 + 40
const CROSSING_MINUTE = 15 * 60 + 40

interface Step {
  readonly minute: number
  readonly plan: (minute: number) => ClinicTask[]
}

/**
 * Plans a clinic's day in order of time: a count in the morning, patients through the day, two
 * deliveries of what is short, one prescription larger than the stock, and one item that is taken
 * to its threshold. The same stock and options give the same day.
 */
export const planClinicDay = (
  items: readonly Item[],
  { today, seed }: ClinicPlanOptions,
): ClinicTask[] => {
  const random = createRandom(`${seed}/${today}`)
  const shelf = createShelf(items)
  const steps: Step[] = [
    { minute: OPENING_MINUTE, plan: (minute) => planCounts(shelf, random, minute) },
    ...arrivals(random).map((minute) => ({ minute, plan: () => planVisit(shelf, random, minute) })),
    ...DELIVERY_MINUTES.map((minute) => ({
      minute,
      plan: () => planDelivery(shelf, random, today, minute),
    })),
    { minute: REFUSAL_MINUTE, plan: (minute) => planOversized(shelf, minute) },
    { minute: CROSSING_MINUTE, plan: (minute) => planCrossing(shelf, minute) },
  ]
  return steps
    .sort((a, b) => a.minute - b.minute)
    .flatMap(({ minute, plan }) => plan(minute))
    .sort((a, b) => a.minute - b.minute)
}

const planCounts = (shelf: Shelf, random: Random, from: number): ClinicTask[] => {
  const lots = shelf.places.flatMap((place) => place.item.lots.map((lot) => ({ place, lot })))
  const expired = lots.filter(({ lot }) => lot.expired && lot.quantity > 0)
  const usable = lots.filter(({ lot }) => !lot.expired && lot.quantity > 20)
  const destroyed = expired.map(({ place, lot }, index): ClinicTask => ({
    kind: 'count',
    minute: from + index,
    sku: place.item.sku,
    lotNumber: lot.lotNumber,
    quantity: 0,
    reason: 'Expired, removed for destruction',
  }))
  const counted = random.sample(usable, COUNTED_LOTS).map(({ place, lot }, index): ClinicTask => {
    const difference = random.pick([-4, -2, -1, -1, 1, 2])
    shelf.add(place, difference)
    return {
      kind: 'count',
      minute: from + 3 + index * 3,
      sku: place.item.sku,
      lotNumber: lot.lotNumber,
      quantity: lot.quantity + difference,
      reason: 'Morning count',
    }
  })
  return [...destroyed, ...counted]
}

const planVisit = (shelf: Shelf, random: Random, minute: number): ClinicTask[] => {
  const prescribed = Array.from({ length: random.integer(1, 3) }, () =>
    pickPrescribed(shelf.places, random),
  )
  return [...new Set(prescribed)].flatMap((place): ClinicTask[] => {
    if (place === undefined || place.usable === 0) return []
    const quantity = Math.min(place.usable, dispensedQuantity(place.item, random))
    shelf.take(place, quantity)
    return [{ kind: 'dispense', minute, sku: place.item.sku, quantity, reason: 'Prescription' }]
  })
}

const planDelivery = (shelf: Shelf, random: Random, today: string, from: number): ClinicTask[] => {
  return byCover(shelf)
    .slice(0, DELIVERED_ITEMS)
    .map((place, index): ClinicTask => {
      const { sku, threshold } = place.item
      const quantity = Math.max(10, Math.ceil(threshold * (1 + random.next())))
      shelf.add(place, quantity)
      return {
        kind: 'delivery',
        minute: from + index * 2,
        sku,
        // The minute keeps the lots of a second delivery of the day apart.
        lotNumber: `D${today.replaceAll('-', '').slice(2)}-${(from + index * 2).toString()}${random.integer(10, 99).toString()}`,
        quantity,
        expiryDate: addDays(today, random.integer(300, 1000)),
      }
    })
}

/** A prescription for more than there is: the server refuses it, and the pharmacist hands out the rest. */
const planOversized = (shelf: Shelf, minute: number): ClinicTask[] => {
  const [place] = byCover(shelf).filter(({ usable }) => usable > 0)
  if (place === undefined) return []
  const quantity = place.usable + Math.max(5, Math.ceil(place.usable / 4))
  shelf.take(place, quantity)
  return [
    {
      kind: 'dispense',
      minute,
      sku: place.item.sku,
      quantity,
      reason: 'Prescription, long course',
    },
  ]
}

/** An outreach team takes one item down to its threshold, so that a low-stock alert is due. */
const planCrossing = (shelf: Shelf, minute: number): ClinicTask[] => {
  const surplus = (place: ShelfPlace): number => place.usable - place.item.threshold
  const [place] = byCover(shelf).filter(
    (candidate) => candidate.item.threshold > 0 && surplus(candidate) > 0,
  )
  if (place === undefined) return []
  const quantity = surplus(place)
  shelf.take(place, quantity)
  return [{ kind: 'dispense', minute, sku: place.item.sku, quantity, reason: 'Outreach kit' }]
}

/** Items by how much of their threshold is there, the shortest first. */
const byCover = (shelf: Shelf): ShelfPlace[] => {
  const cover = ({ usable, item }: ShelfPlace): number => usable / Math.max(1, item.threshold)
  return [...shelf.places].sort((a, b) => cover(a) - cover(b))
}

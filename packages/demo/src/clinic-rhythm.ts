import type { Item } from '@uzima/contracts'
import type { Random } from './random.js'
import type { ShelfPlace } from './shelf.js'

/** Patients who come to the counter in each hour, on average; the morning is the rush. */
const visitsPerHour: ReadonlyMap<number, number> = new Map([
  [8, 5],
  [9, 12],
  [10, 12],
  [11, 10],
  [12, 6],
  [13, 4],
  [14, 9],
  [15, 9],
  [16, 7],
  [17, 4],
])

/** How often a category is dispensed, relative to the others; what is not named has 1. */
const weightByCategory: ReadonlyMap<string, number> = new Map([
  ['analgesics', 10],
  ['antibiotics', 10],
  ['antimalarials', 8],
  ['medical supplies', 8],
  ['cardiovascular', 6],
  ['diagnostics', 6],
  ['gastrointestinal', 5],
  ['antiretrovirals', 4],
  ['diabetes and endocrine', 4],
  ['vaccines and sera', 4],
  ['vitamins and nutrition', 4],
  ['maternal and newborn health', 3],
  ['contraceptives', 3],
  ['respiratory and allergy', 3],
  ['tuberculosis', 2],
])

const COUNTED_OUT = new Set(['tablet', 'capsule'])
const USED_UP = new Set(['piece', 'pair', 'test', 'strip', 'sachet', 'dose'])

/** Minutes from midnight at which patients come: a Poisson process whose mean changes by the hour. */
export const arrivals = (random: Random): number[] => {
  return [...visitsPerHour].flatMap(([hour, mean]) => {
    const minutes: number[] = []
    // The process has no memory, so each hour may start its own.
    for (
      let offset = random.exponential(60 / mean);
      offset < 60;
      offset += random.exponential(60 / mean)
    ) {
      minutes.push(hour * 60 + offset)
    }
    return minutes
  })
}

/** An item somebody needs, common categories more often; undefined where there is no item at all. */
export const pickPrescribed = (
  places: readonly ShelfPlace[],
  random: Random,
): ShelfPlace | undefined => {
  const placesByCategory = new Map<string, ShelfPlace[]>()
  for (const place of places) {
    const category = place.item.category ?? ''
    placesByCategory.set(category, [...(placesByCategory.get(category) ?? []), place])
  }
  const categories = [...placesByCategory].map(([category, members]) => ({
    members,
    weight: weightByCategory.get(category) ?? 1,
  }))
  let point = random.next() * categories.reduce((sum, { weight }) => sum + weight, 0)
  for (const { members, weight } of categories) {
    point -= weight
    if (point < 0) return random.pick(members)
  }
  return undefined
}

/** How much of an item one patient gets. */
export const dispensedQuantity = (item: Item, random: Random): number => {
  const unit = item.unit ?? ''
  if (COUNTED_OUT.has(unit)) return random.pick([6, 10, 14, 15, 20, 21, 28, 30])
  if (USED_UP.has(unit)) return random.integer(1, 6)
  return random.integer(1, 2)
}

import { addDays } from './calendar.js'
import type { FormularyItem } from './formulary.js'
import { createRandom, type Random } from './random.js'

/** One lot on the shelf, as `inventory_lots` keeps it. */
export interface DemoLot {
  readonly sku: string
  readonly lotNumber: string
  readonly quantity: number
  /** `YYYY-MM-DD`. */
  readonly expiryDate: string
  /** ISO 8601, always before `today`. */
  readonly receivedAt: string
}

/** What the shelf looks like depends on these alone. */
export interface LotOptions {
  /** `YYYY-MM-DD`; expiry dates and receipts are counted from it. */
  readonly today: string
  /** Another seed, another shelf. Default `uzima`. */
  readonly seed?: string
}

/** How many items begin below their threshold, and how many keep a lot that has expired. */
const SHORT_ITEMS = 9
const ITEMS_WITH_EXPIRED_LOT = 2
/** Without I, O and Q, which read like digits. */
const LOT_LETTERS = Array.from('ABCDEFGHJKLMNPRSTUVWX')

/** Puts 1 to 4 plausible lots of each item on the shelf; the same options give the same lots. */
export const buildLots = (
  items: readonly FormularyItem[],
  { today, seed = 'uzima' }: LotOptions,
): DemoLot[] => {
  const random = createRandom(seed)
  const special = random.sample(items, SHORT_ITEMS + ITEMS_WITH_EXPIRED_LOT)
  const short = new Set(special.slice(0, SHORT_ITEMS))
  const withExpiredLot = new Set(special.slice(SHORT_ITEMS))

  return items.flatMap((item) => {
    // Each item has its own sequence, so adding one to the formulary leaves the others' lots alone.
    const own = createRandom(`${seed}/${item.sku}`)
    const total = short.has(item)
      ? Math.max(1, Math.floor(item.threshold * (0.2 + own.next() * 0.7)))
      : Math.ceil(item.threshold * (1.2 + own.next() * 2.3)) + 1
    const quantities = divide(total, own.integer(1, 4), own)
    return quantities.map((quantity, index) => {
      const expired = index === 0 && withExpiredLot.has(item)
      const daysLeft = expired ? -own.integer(3, 25) : pickDaysLeft(own)
      const daysHere = Math.max(own.integer(2, 150), 1 - daysLeft)
      return {
        sku: item.sku,
        lotNumber: lotNumber(own, index, today),
        quantity,
        expiryDate: addDays(today, daysLeft),
        receivedAt: `${addDays(today, -daysHere)}T${pad(own.integer(7, 15))}:${pad(own.integer(0, 59))}:00.000Z`,
      }
    })
  })
}

/** One lot in 14 ends within a month, one in 9 within three, the rest in up to three years. */
const pickDaysLeft = (random: Random): number => {
  const chance = random.next()
  if (chance < 0.07) return random.integer(4, 30)
  if (chance < 0.18) return random.integer(31, 90)
  return random.integer(120, 1050)
}

/** Splits `total` into at most `parts` lots of at least 1, round numbers first. */
const divide = (total: number, parts: number, random: Random): number[] => {
  const step = total >= 1000 ? 100 : total >= 100 ? 10 : 1
  const quantities: number[] = []
  let rest = total
  for (let left = parts; left > 1; left -= 1) {
    const share = Math.round(((rest / left) * (0.6 + random.next() * 0.8)) / step) * step
    if (share < 1 || share >= rest) break
    quantities.push(share)
    rest -= share
  }
  return [...quantities, rest]
}

/** Manufacturers number lots in their own ways; the last digits keep an item's lots apart. */
const lotNumber = (random: Random, index: number, today: string): string => {
  const serial = random.integer(100, 999).toString() + index.toString()
  const letters = random.sample(LOT_LETTERS, 3).join('')
  const year = pad((Number(today.slice(2, 4)) + 100 - random.integer(0, 1)) % 100)
  return random.pick([
    `${letters}${serial}`,
    `${letters.slice(0, 1)}${year}-${serial}`,
    `${letters.slice(0, 2)}${year}${pad(random.integer(1, 12))}${serial}`,
    `${year}${serial}${letters.slice(0, 1)}`,
  ])
}

const pad = (value: number): string => {
  return value.toString().padStart(2, '0')
}

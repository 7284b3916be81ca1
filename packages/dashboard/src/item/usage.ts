/** How much of an item was dispensed lately. */
export interface Usage {
  /** How often. */
  readonly uses: number
  /** How much, over all of them. */
  readonly quantity: number
  /** Over how many days: up to 30, fewer where the history is shorter. */
  readonly days: number
}

/** With fewer uses, a rate says nothing. */
const LEAST_USES = 3
/** A busy first day is no week. */
const LEAST_DAYS = 7

/** What goes out on an average day; null where that is not known: fewer than 3 uses. */
export const dailyUse = ({ uses, quantity, days }: Usage): number | null =>
  uses < LEAST_USES ? null : quantity / Math.max(days, LEAST_DAYS)

/** For how many whole days the usable stock lasts at the present rate; null where the rate is not known. */
export const daysLeft = (usableQuantity: number, usage: Usage): number | null => {
  const daily = dailyUse(usage)
  if (daily === null || daily === 0) return null
  return Math.floor(usableQuantity / daily)
}

import type { Item } from '@uzima/contracts'
import { dailyUse, daysLeft, type Usage } from './usage.js'

/** An item whose end can be foreseen. */
export interface RunningOut {
  readonly item: Item
  readonly days: number
  readonly daily: number
}

export interface Forecast {
  /** Those that last no longer than asked, the first to end first. */
  readonly within: readonly RunningOut[]
  /** How many items have a rate. */
  readonly known: number
  /** How many have been given out too seldom for one. */
  readonly unknown: number
}

/** Says which items are used up within so many days, at the rate of the last 30. */
export const forecast = (
  items: readonly Item[],
  usageBySku: ReadonlyMap<string, Usage>,
  days: number,
): Forecast => {
  const all = items.flatMap((item): RunningOut[] => {
    const usage = usageBySku.get(item.sku)
    const left = usage === undefined ? null : daysLeft(item.usableQuantity, usage)
    const daily = usage === undefined ? null : dailyUse(usage)
    return left === null || daily === null ? [] : [{ item, days: left, daily }]
  })
  return {
    within: all
      .filter((running) => running.days <= days)
      .toSorted((a, b) => a.days - b.days || b.daily - a.daily),
    known: all.length,
    unknown: items.length - all.length,
  }
}

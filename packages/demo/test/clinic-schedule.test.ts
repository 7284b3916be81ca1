import type { Item } from '@uzima/contracts'
import { describe, expect, it } from 'vitest'
import { planClinicDay, type ClinicTask } from '../src/clinic-schedule.js'
import { formulary } from '../src/formulary.js'
import { buildLots } from '../src/lots.js'

const today = '2026-03-01'

/** The stock as the server would give it after the formulary went in. */
const stockOf = (day: string): Item[] => {
  const lots = buildLots(formulary, { today: day })
  return formulary.map((item) => {
    const own = lots
      .filter(({ sku }) => sku === item.sku)
      .map((lot) => ({ ...lot, expired: lot.expiryDate < day }))
    const unitsIn = (some: typeof own): number => some.reduce((sum, lot) => sum + lot.quantity, 0)
    const usableQuantity = unitsIn(own.filter(({ expired }) => !expired))
    return {
      ...item,
      metadata: { ...item.metadata },
      totalQuantity: unitsIn(own),
      usableQuantity,
      expiredQuantity: unitsIn(own) - usableQuantity,
      lowStock: usableQuantity <= item.threshold,
      version: 1,
      lots: own,
      updatedAt: `${day}T00:00:00.000Z`,
    }
  })
}

const stock = stockOf(today)
const tasks = planClinicDay(stock, { today, seed: 'a day' })

describe('planClinicDay', () => {
  it('gives the same day for the same stock and seed', () => {
    expect(planClinicDay(stockOf(today), { today, seed: 'a day' })).toEqual(tasks)
    expect(planClinicDay(stock, { today, seed: 'another day' })).not.toEqual(tasks)
  })

  it('keeps the hours of the clinic, in order of time', () => {
    const minutes = tasks.map(({ minute }) => minute)
    expect(minutes).toEqual([...minutes].sort((a, b) => a - b))
    expect(minutes.at(0)).toBeGreaterThanOrEqual(8 * 60)
    expect(minutes.at(-1)).toBeLessThan(18 * 60)
  })

  it('counts in the morning and removes what has expired', () => {
    const counts = tasks.filter(({ kind }) => kind === 'count')
    expect(counts.length).toBeGreaterThanOrEqual(8)
    expect(counts.every(({ minute }) => minute < 9 * 60)).toBe(true)
    expect(counts.filter(({ quantity }) => quantity === 0)).toHaveLength(2)
  })

  it('is busier in the morning than at noon', () => {
    const between = (from: number, to: number) =>
      tasks.filter(({ kind, minute }) => kind === 'dispense' && minute >= from && minute < to)
        .length
    expect(between(9 * 60, 11 * 60)).toBeGreaterThan(between(12 * 60, 14 * 60))
  })

  it.each(['a', 'b', 'c', 'd', 'e'])(
    'has two deliveries, one refusal and a crossing of a threshold (seed %s)',
    (seed) => {
      const outcome = replay(planClinicDay(stock, { today, seed }))
      expect(outcome.deliveries).toBe(10)
      expect(outcome.refusals).toBe(1)
      expect(outcome.crossings).toBeGreaterThanOrEqual(1)
      expect(outcome.tasks).toBeGreaterThan(60)
      expect(outcome.tasks).toBeLessThan(400)
    },
  )

  it('plans nothing where there is no item', () => {
    expect(planClinicDay([], { today, seed: 'a day' })).toEqual([])
  })
})

/** Carries the tasks out on plain numbers, by rules written here and not taken from the planner. */
const replay = (planned: readonly ClinicTask[]) => {
  const usable = new Map(
    stock.map(({ sku, lots }) => [
      sku,
      lots.filter((lot) => lot.expiryDate >= today).reduce((sum, lot) => sum + lot.quantity, 0),
    ]),
  )
  const outcome = { tasks: planned.length, deliveries: 0, refusals: 0, crossings: 0 }
  for (const task of planned) {
    const item = stock.find(({ sku }) => sku === task.sku)
    const before = usable.get(task.sku)
    if (item === undefined || before === undefined) {
      throw new Error(`${task.sku} is not in stock`)
    }
    let delta: number
    if (task.kind === 'delivery') {
      outcome.deliveries += 1
      delta = task.quantity
    } else if (task.kind === 'dispense') {
      if (task.quantity > before) outcome.refusals += 1
      delta = -Math.min(task.quantity, before)
    } else {
      const lot = item.lots.find(({ lotNumber }) => lotNumber === task.lotNumber)
      delta = lot === undefined || lot.expiryDate < today ? 0 : task.quantity - lot.quantity
    }
    usable.set(task.sku, before + delta)
    if (before > item.threshold && before + delta <= item.threshold) outcome.crossings += 1
  }
  return outcome
}

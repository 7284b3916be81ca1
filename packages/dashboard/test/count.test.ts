import type { Item } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  beginCount,
  forgetLine,
  isCountDraft,
  keepMine,
  lineState,
  markBooked,
  summarize,
  typeCount,
} from '../src/count/count.js'
import { item as anItem } from './item.js'
import { linesOf, shelvesOf, type CountLine } from '../src/count/shelf.js'

const compare = (a: string, b: string): number => a.localeCompare(b)

const item = (
  sku: string,
  category: string | null,
  lots: Record<string, number>,
  metadata = {},
): Item =>
  anItem(sku, {
    category,
    metadata,
    lots: Object.entries(lots).map(([lotNumber, quantity]) => ({
      lotNumber,
      quantity,
      expiryDate: '2030-01-31',
      receivedAt: '2026-01-01T00:00:00.000Z',
      expired: false,
    })),
  })

const line = (expected: number, lotNumber = 'L1'): CountLine => ({
  key: lotNumber,
  sku: 'AMOX',
  name: 'Amoxicillin',
  unit: null,
  lotNumber,
  expiryDate: '2030-01-31',
  expired: false,
  expected,
})
const reasonFor = (): string => 'Count'
const empty = beginCount('Antibiotics')

describe('a shelf', () => {
  const items = [
    item('B', 'Antibiotics', { L2: 5, L1: 0 }),
    item('A', 'Antibiotics', { L3: 1, L4: 2 }),
    item('C', null, { L5: 1 }),
    item('D', 'Antibiotics', { L6: 4 }, { shelf: 'Fridge' }),
    item('E', 'Empty', { L7: 0 }),
  ]

  it('is where the item says, else its category, and has at least one lot to count', () => {
    expect(shelvesOf(items, compare)).toEqual([
      { name: '', lots: 1 },
      { name: 'Antibiotics', lots: 3 },
      { name: 'Fridge', lots: 1 },
    ])
  })

  it('is walked item after item, without lots that are used up unless they were counted', () => {
    const lots = (counted: string[]): string[] =>
      linesOf(items, 'Antibiotics', new Set(counted), compare).map(({ lotNumber }) => lotNumber)
    expect(lots([])).toEqual(['L3', 'L4', 'L2'])
    expect(lots([JSON.stringify(['B', 'L1'])])).toEqual(['L3', 'L4', 'L2', 'L1'])
  })
})

describe('a counted lot', () => {
  it('is nothing while blank, and something at 0', () => {
    const blank = typeCount(empty, line(10), ' ', 1)
    expect(lineState(line(10), blank.entries['L1'])).toEqual({ kind: 'uncounted' })
    const zero = typeCount(empty, line(10), '0', 1)
    expect(lineState(line(10), zero.entries['L1'])).toEqual({
      kind: 'different',
      counted: 0,
      difference: -10,
    })
  })

  it('is a question once the stock has moved since, even to the very number that was typed', () => {
    const draft = typeCount(empty, line(10), '7', 1)
    expect(lineState(line(7), draft.entries['L1'])).toEqual({
      kind: 'moved',
      counted: 7,
      base: 10,
      now: 7,
    })
    expect(lineState(line(10), draft.entries['L1'])).toMatchObject({ kind: 'different' })
  })

  it('that the person stands by is a question again when the stock moves once more', () => {
    const draft = keepMine(typeCount(empty, line(10), '7', 1), 'L1', 8)
    expect(lineState(line(8), draft.entries['L1'])).toEqual({
      kind: 'different',
      counted: 7,
      difference: -1,
    })
    expect(lineState(line(6), draft.entries['L1'])).toMatchObject({ kind: 'moved', now: 6 })
  })

  it('that is counted again is new: what was decided before does not hold for it', () => {
    const kept = keepMine(typeCount(empty, line(10), '7', 1), 'L1', 8)
    expect(lineState(line(8), typeCount(kept, line(8), '9', 2).entries['L1'])).toEqual({
      kind: 'different',
      counted: 9,
      difference: 1,
    })
    expect(lineState(line(8), forgetLine(kept, 'L1').entries['L1'])).toEqual({ kind: 'uncounted' })
  })
})

describe('a count', () => {
  const steps = fc.array(
    fc.record({
      lot: fc.constantFrom('L1', 'L2', 'L3'),
      typed: fc.oneof(fc.constantFrom('', ' ', '0', 'x'), fc.nat({ max: 12 }).map(String)),
      expected: fc.nat({ max: 12 }),
      then: fc.constantFrom('nothing', 'keep', 'forget', 'book'),
    }),
    { maxLength: 12 },
  )
  const stocks = fc.record({
    L1: fc.nat({ max: 12 }),
    L2: fc.nat({ max: 12 }),
    L3: fc.nat({ max: 12 }),
  })

  it('books only what was typed, differs and was compared with the stock as it is now', () => {
    fc.assert(
      fc.property(steps, stocks, (typed, stock) => {
        const draft = typed.reduce((before, { lot, typed: text, expected, then }) => {
          const next = typeCount(before, line(expected, lot), text, 1)
          if (then === 'keep') return keepMine(next, lot, stock[lot])
          if (then === 'forget') return forgetLine(next, lot)
          return then === 'book' ? markBooked(next, lot, 'write') : next
        }, empty)
        const lines = Object.entries(stock).map(([lot, expected]) => line(expected, lot))
        const summary = summarize(lines, draft, reasonFor)

        for (const { movement } of summary.different) {
          const entry = draft.entries[movement.lotNumber]
          expect(entry?.writeId).toBeUndefined()
          expect(movement.quantity).toBe(Number(entry?.typed))
          expect(movement.expected).toBe(stock[movement.lotNumber as keyof typeof stock])
          expect(movement.quantity).not.toBe(movement.expected)
          expect([entry?.base, entry?.keptAgainst]).toContain(movement.expected)
        }
        const groups = [
          summary.uncounted,
          summary.same,
          summary.different.map((bookable) => bookable.line),
          summary.moved,
          summary.booked,
        ]
        expect(
          groups
            .flat()
            .map(({ key }) => key)
            .toSorted(),
        ).toEqual(['L1', 'L2', 'L3'])
      }),
    )
  })

  it('comes out of storage as it went in', () => {
    const draft = keepMine(typeCount(empty, line(10), '007', 5), 'L1', 9)
    const kept: unknown = JSON.parse(JSON.stringify(draft))
    expect(kept).toEqual(draft)
    expect(isCountDraft(kept)).toBe(true)
    for (const other of [undefined, null, {}, { shelf: 'A', entries: { L1: { typed: 1 } } }]) {
      expect(isCountDraft(other)).toBe(false)
    }
  })
})

import { MAX_QUANTITY } from '@uzima/contracts'
import fc from 'fast-check'
import type { Action, Lot, Statement } from './model-types.js'

export const SKUS = ['x', 'y', 'z']
/** The first day of each run. */
export const FIRST_DAY = '2040-03-01'
/** Each lot has its date: past, soon, or far; now and then somebody types another. */
const DATES = { A: '2040-02-28', B: '2040-03-01', C: '2040-03-04', D: '2041-06-30' }

const receipt = (sku: string, lot: Lot): Action => ({ kind: 'receive', sku, lot, again: false })

/** What each run begins with: an item `z` is missing, so that somebody makes it or finds none. */
export const PRELUDE: readonly Action[] = [
  { kind: 'create', sku: 'x', threshold: 5, again: false },
  { kind: 'create', sku: 'y', threshold: 5, again: false },
  ...['x', 'y'].flatMap((sku): Action[] => [
    receipt(sku, { lotNumber: 'A', quantity: 4, expiryDate: DATES.A }),
    receipt(sku, { lotNumber: 'C', quantity: 9, expiryDate: DATES.C }),
  ]),
]

const sku = fc.constantFrom(...SKUS)
const lotNumber = fc.constantFrom('A', 'B', 'C', 'D')
const units = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 1, arbitrary: fc.constant(MAX_QUANTITY) },
)
const threshold = fc.integer({ min: 0, max: 12 })
const lot = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.tuple(fc.constantFrom('A', 'B', 'C', 'D'), units).map(([number, quantity]) => ({
      lotNumber: number,
      quantity,
      expiryDate: DATES[number],
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      lotNumber,
      quantity: units,
      expiryDate: fc.constantFrom(DATES.A, DATES.C, DATES.D),
    }),
  },
)
const seldom = fc.integer({ min: 0, max: 4 }).map((n) => n === 0)
// Any order: two statements that lock in opposite orders may deadlock, and are tried again.
const skus = fc.shuffledSubarray(SKUS, { minLength: 1 })
const kind = <const K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)

const statement: fc.Arbitrary<Statement> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: kind('shift'), skus, delta: fc.integer({ min: -4, max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('put'),
      skus,
      lots: fc.uniqueArray(lot, { minLength: 1, maxLength: 3, selector: (one) => one.lotNumber }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('remove'), skus, lotNumber }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('threshold'), skus, threshold }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('archive'), skus, archived: seldom }) },
)

/** What several writers at once may do: also cut each other off. */
export const rudeAction = (): fc.Arbitrary<Action> =>
  fc.oneof(
    { weight: 30, arbitrary: action },
    { weight: 1, arbitrary: fc.record({ kind: kind('kill') }) },
  )

/** Any of the actions, in about the proportions of a day; more SQL than any clinic would run. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: kind('create'), sku, threshold, again: seldom }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('receive'), sku, lot, again: seldom }) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: kind('consume'),
      sku,
      quantity: units,
      again: seldom,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('adjust'),
      sku,
      lotNumber,
      quantity: fc.oneof(fc.constant(0), units),
      expected: fc.option(fc.oneof(fc.constant(0), units), { nil: undefined }),
      again: seldom,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('dispose'),
      sku,
      lotNumber,
      quantity: units,
      again: seldom,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('sleep'),
      days: fc.integer({ min: 0, max: 3 }),
      written: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('update'), sku, threshold }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('retire'), sku }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: kind('sql'),
      statements: fc.array(
        fc.record({
          statement,
          undone: seldom,
        }),
        { minLength: 1, maxLength: 3 },
      ),
      rollback: seldom,
    }),
  },
)

import type { Item } from '@uzima/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createInventoryView, type LiveInventory } from '../src/inventory/inventory-view.js'
import type { StockQuery } from '../src/index.js'
import { anyItem, at, NOON, TODAY, updateOf } from './support/stock.js'

const setupView = (now = () => NOON): { view: LiveInventory; flush: () => void } => {
  const due: (() => void)[] = []
  const view = createInventoryView({ schedule: (notify) => due.push(notify), now })
  return {
    view,
    flush: () => {
      for (const notify of due.splice(0)) notify()
    },
  }
}

const anyQuery: fc.Arbitrary<StockQuery> = fc.record(
  {
    search: fc.constantFrom(
      '',
      'EOS',
      'éos',
      'amox 500',
      'a-2',
      'lot 7',
      'é9',
      'fievre',
      'nothing',
    ),
    category: fc.constantFrom('Antibiotics', 'Fièvre'),
    low: fc.boolean(),
    expired: fc.boolean(),
    expiringWithinDays: fc.constantFrom(0, 1, 30),
    sort: fc.constantFrom('name', 'sku', 'quantity', 'expiry'),
  },
  { requiredKeys: [] },
)

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), item: anyItem }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('archive' as const), item: anyItem }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('snapshot' as const),
      items: fc.uniqueArray(anyItem, { selector: ({ sku }) => sku }),
    }),
  },
)

/** The answer worked out in the plainest way. */
const expected = (items: Iterable<Item>, query: StockQuery): Item[] => {
  const folded = (text: string) =>
    text
      .normalize('NFD')
      .replaceAll(/\p{Mn}/gu, '')
      .toLowerCase()
  const words = folded(query.search ?? '')
    .split(/\s+/)
    .filter(Boolean)
  const codes = (item: Item) =>
    [item.sku, ...item.lots.map(({ lotNumber }) => lotNumber)].map(folded)
  const lastDay = new Date(Date.parse(TODAY) + (query.expiringWithinDays ?? 0) * 86_400_000)
    .toISOString()
    .slice(0, 10)
  const expiry = (item: Item) => item.lots.find(({ quantity }) => quantity > 0)?.expiryDate ?? '~'
  const { compare } = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  const bySku = (a: Item, b: Item) => compare(a.sku, b.sku) || text(a.sku, b.sku)
  const orders = {
    name: () => 0,
    sku: bySku,
    quantity: (a: Item, b: Item) => a.usableQuantity - b.usableQuantity,
    expiry: (a: Item, b: Item) => text(expiry(a), expiry(b)),
  }
  const isExact = (item: Item) => words.length > 0 && codes(item).includes(words.join(' '))
  return [...items]
    .filter(
      (item) =>
        (query.category === undefined || item.category === query.category) &&
        (query.low === undefined || item.lowStock === query.low) &&
        (query.expired === undefined || item.expiredQuantity > 0 === query.expired) &&
        (query.expiringWithinDays === undefined || expiry(item) <= lastDay) &&
        words.every((word) =>
          [folded(item.name), folded(item.category ?? ''), ...codes(item)].some((part) =>
            part.includes(word),
          ),
        ),
    )
    .sort(
      (a, b) =>
        Number(isExact(b)) - Number(isExact(a)) ||
        orders[query.sort ?? 'name'](a, b) ||
        compare(a.name, b.name) ||
        bySku(a, b),
    )
}

describe('the live inventory', () => {
  it('answers each query as if it were worked out anew, and wakes whom the answer concerns, only', () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 30 }),
        fc.array(anyQuery, { minLength: 1, maxLength: 4 }),
        (steps, queries) => {
          const { view, flush } = setupView()
          const model = new Map<string, Item>()
          let woken: number[] = []
          queries.forEach((query, n) => view.subscribe(query, () => woken.push(n)))
          let answers = queries.map((query) => view.list(query))
          view.replace({ position: at(0), items: [] })
          flush()
          steps.forEach((step, n) => {
            const seq = n + 1
            woken = []
            if (step.kind === 'snapshot') {
              model.clear()
              for (const item of step.items) model.set(item.sku, item)
              view.replace({ position: at(seq), items: step.items })
            } else if (step.kind === 'put') {
              model.set(step.item.sku, step.item)
              view.apply(updateOf(seq, step.item))
            } else {
              model.delete(step.item.sku)
              view.apply(updateOf(seq, step.item, 'archived'))
            }
            flush()
            const before = answers
            answers = queries.map((query) => view.list(query))
            queries.forEach((query, index) => {
              expect(answers[index]).toEqual(expected(model.values(), query))
              // Whoever is not woken would draw the same array again.
              expect(woken.includes(index)).toBe(answers[index] !== before[index])
            })
            expect(view.position()).toEqual(at(seq))
          })
        },
      ),
      { numRuns: 150 },
    )
  })

  it('wakes who looks at an item for that item alone', () => {
    const { view, flush } = setupView()
    const [a, b] = fc
      .sample(anyItem, { numRuns: 2, seed: 1 })
      .map((item, n) => ({ ...item, sku: `S${n}` }))
    if (a === undefined || b === undefined) throw new Error('no items')
    view.replace({ position: at(0), items: [a, b] })
    flush()
    let woken = 0
    const unsubscribe = view.subscribe({ sku: a.sku }, () => (woken += 1))
    view.apply(updateOf(1, { ...b, usableQuantity: 77 }))
    flush()
    expect(woken).toBe(0)
    view.apply(updateOf(2, { ...a, usableQuantity: 78 }))
    view.apply(updateOf(3, { ...a, usableQuantity: 79 }))
    flush()
    expect(woken).toBe(1)
    expect(view.get(a.sku)?.usableQuantity).toBe(79)
    expect(view.changedAtSeq(a.sku)).toBe(3)
    unsubscribe()
    view.apply(updateOf(4, a))
    flush()
    expect(woken).toBe(1)
  })

  it('gives the same array to whoever asks the same in other words', () => {
    const { view } = setupView()
    view.replace({ position: at(0), items: fc.sample(anyItem, { numRuns: 1, seed: 2 }) })
    expect(view.list({ search: ' ÉOS ' })).toBe(view.list({ search: 'eos', sort: 'name' }))
  })

  it('keeps items as they are where a snapshot says nothing new', () => {
    const { view, flush } = setupView()
    const items = fc.sample(anyItem, { numRuns: 1, seed: 3 })
    view.replace({ position: at(0), items })
    flush()
    let woken = 0
    view.subscribe(undefined, () => (woken += 1))
    const before = view.list()
    view.replace({ position: at(9), items: structuredClone(items) })
    flush()
    expect(view.list()).toBe(before)
    expect(woken).toBe(0)
  })

  it('takes no event without a snapshot under it', () => {
    const { view } = setupView()
    const [item] = fc.sample(anyItem, { numRuns: 1, seed: 4 })
    if (item === undefined) throw new Error('no item')
    view.apply(updateOf(5, item))
    expect(view.list()).toEqual([])
    expect(view.position()).toBeNull()
  })

  it('answers what depends on the day anew when another one has begun', () => {
    let now = NOON
    const { view, flush } = setupView(() => now)
    const [made] = fc.sample(anyItem, { numRuns: 1, seed: 5 })
    if (made === undefined) throw new Error('no item')
    const lot = { lotNumber: 'A', quantity: 1, receivedAt: '', expired: false }
    const item = { ...made, lots: [{ ...lot, expiryDate: '2026-11-29' }] }
    view.replace({ position: at(0), items: [item] })
    let woken = 0
    view.subscribe({ expiringWithinDays: 1 }, () => (woken += 1))
    flush()
    expect(view.list({ expiringWithinDays: 1 })).toEqual([])
    now += 86_400_000
    view.checkDay()
    flush()
    expect(view.list({ expiringWithinDays: 1 })).toEqual([item])
    expect(woken).toBe(1)
  })
})

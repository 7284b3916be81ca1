import type { Item } from '@uzima/contracts'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../src/index.js'
import { createInventoryView, type LiveInventory } from '../src/inventory/inventory-view.js'
import { createStockKeeper, type StockKeeper } from '../src/store/stock-keeper.js'
import type { StockStore } from '../src/store/stock-store.js'
import { at, updateOf } from './support/stock.js'

const USER = {
  userId: 'u1',
  username: 'asha',
  role: 'pharmacist' as const,
  roles: ['pharmacist' as const],
}
const SKUS = ['A', 'B', 'C']

/** Entry `seq` of a log: a few items that change, go and come again. */
const entryOf = (seq: number): { readonly sku: string; readonly item: Item | undefined } => {
  const sku = SKUS[(seq * 7) % SKUS.length] ?? ''
  const quantity = seq
  const item: Item = {
    sku,
    name: sku,
    category: null,
    unit: null,
    threshold: 0,
    totalQuantity: quantity,
    usableQuantity: quantity,
    expiredQuantity: 0,
    lowStock: false,
    version: seq,
    lots: [],
    metadata: {},
    updatedAt: '',
  }
  return { sku, item: seq % 5 === 0 ? undefined : item }
}

/** All there is after entry `seq`, by sku. */
const stockAt = (seq: number): Item[] => {
  const items = new Map<string, Item>()
  for (let n = 1; n <= seq; n += 1) {
    const { sku, item } = entryOf(n)
    if (item === undefined) items.delete(sku)
    else items.set(sku, item)
  }
  return [...items.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1))
}

/** A tab that shows the stock of `USER` and keeps it. */
interface Tab {
  readonly view: LiveInventory
  readonly keeper: StockKeeper
  seq: number
}

const openTab = async (store: StockStore, head: number): Promise<Tab> => {
  const view = createInventoryView({
    schedule: () => undefined,
    now: Date.now,
    onChange: (sku) => keeper.changed(sku),
  })
  const keeper: StockKeeper = createStockKeeper({
    store,
    stock: view,
    about: () => ({ user: USER, asOf: 1, clockOffsetMs: 0 }),
    onError: (thrown) => {
      throw thrown
    },
  })
  const kept = await keeper.read(USER.userId)
  if (kept === null) {
    view.replace({ position: at(head), items: stockAt(head) })
    keeper.replaced()
    return { view, keeper, seq: head }
  }
  // What is kept is the stock of its position, or worse than nothing.
  expect([...kept.items].sort((a, b) => (a.sku < b.sku ? -1 : 1))).toEqual(
    stockAt(kept.position.seq),
  )
  view.replace(kept)
  keeper.isKept()
  return { view, keeper, seq: kept.position.seq }
}

const follow = (tab: Tab, entries: number): void => {
  for (let n = 0; n < entries; n += 1) {
    tab.seq += 1
    const { sku, item } = entryOf(tab.seq)
    const shown = item ?? entryOf(1).item
    if (shown === undefined) throw new Error('no item')
    tab.view.apply(
      updateOf(tab.seq, { ...shown, sku }, item === undefined ? 'archived' : 'updated'),
    )
  }
}

const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('follow' as const), tab: fc.nat(2), by: fc.nat(4) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('save' as const), tab: fc.nat(2) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.integer({ min: -40_000, max: 40_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const), tab: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wipe' as const), tab: fc.nat(2) }) },
)

afterEach(() => {
  vi.useRealTimers()
})

describe('the kept stock', () => {
  it('is that of its position, whoever of several tabs keeps it, and whatever their clock does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
        vi.useFakeTimers({ now: 1_000_000_000 })
        const store = memoryStore().stock
        let head = 3
        const tabs = [
          await openTab(store, head),
          await openTab(store, head),
          await openTab(store, head),
        ]
        for (const step of steps) {
          if (step.kind === 'pass') {
            vi.setSystemTime(Date.now() + step.ms)
            continue
          }
          const tab = tabs[step.tab]
          if (tab === undefined) throw new Error('no such tab')
          if (step.kind === 'follow') {
            follow(tab, step.by)
            head = Math.max(head, tab.seq)
          } else if (step.kind === 'save') {
            await tab.keeper.flush()
          } else if (step.kind === 'wipe') {
            await tab.keeper.wipe(USER.userId)
          } else {
            tabs[step.tab] = await openTab(store, head)
          }
        }
        await openTab(store, head)
        vi.clearAllTimers()
      }),
      { numRuns: 200 },
    )
  })

  it('is whole where what was kept meanwhile begins earlier than what has changed', async () => {
    vi.useFakeTimers({ now: 1_000_000_000 })
    const store = memoryStore().stock
    const ahead = await openTab(store, 3)
    const behind = await openTab(store, 3)
    follow(ahead, 1)
    await ahead.keeper.flush()
    await ahead.keeper.wipe(USER.userId)
    await behind.keeper.flush()
    await ahead.keeper.flush()
    await openTab(store, 4)
    await vi.advanceTimersByTimeAsync(0)
    expect((await openTab(store, 4)).seq).toBe(4)
    vi.clearAllTimers()
  })

  it('follows what is shown by itself, with a pause between two times', async () => {
    vi.useFakeTimers({ now: 1_000_000_000 })
    const { stock } = memoryStore()
    let saves = 0
    const store: StockStore = {
      ...stock,
      save: (save) => {
        saves += 1
        return stock.save(save)
      },
    }
    const tab = await openTab(store, 3)
    for (let seq = 4; seq < 104; seq += 1) {
      const { item } = entryOf(seq)
      if (item !== undefined) tab.view.apply(updateOf(seq, item))
      await vi.advanceTimersByTimeAsync(100)
    }
    await vi.advanceTimersByTimeAsync(5_000)
    expect(saves).toBeGreaterThan(2)
    expect(saves).toBeLessThan(10)
    const kept = await stock.read(USER.userId)
    expect(kept?.position).toEqual(tab.view.position())
  })
})

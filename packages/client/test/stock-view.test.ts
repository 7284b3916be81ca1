import { describe, expect, it } from 'vitest'
import { createStockView, EMPTY_STOCK, reduceStock, type StockState } from '../src/index.js'
import { EPOCH, item, lowStock, update } from './support/fake-server.js'

const at5: StockState = reduceStock(EMPTY_STOCK, {
  type: 'snapshot',
  snapshot: { items: [item('a', 20), item('b', 3)], position: { epoch: EPOCH, seq: 5 } },
})

const afterUpdate = (state: StockState, seq: number, sku: string, quantity: number): StockState =>
  reduceStock(state, {
    type: 'event',
    event: { name: 'inventory:update', payload: update(seq, sku, quantity) },
  })

describe('the stock view', () => {
  it('replaces the item of an event and remembers which one changed', () => {
    const next = afterUpdate(at5, 6, 'a', 19)
    expect(next.itemsBySku.get('a')?.totalQuantity).toBe(19)
    expect([...next.changedAtSeq]).toEqual([['a', 6]])
    expect(next.position).toEqual({ epoch: EPOCH, seq: 6 })
    expect(at5.itemsBySku.get('a')?.totalQuantity).toBe(20)
  })

  it('keeps the other items identical, so that their rows need no rendering', () => {
    expect(afterUpdate(at5, 6, 'a', 19).itemsBySku.get('b')).toBe(at5.itemsBySku.get('b'))
  })

  it.each([1, 5])('ignores an event at or before its position (%i)', (seq) => {
    expect(afterUpdate(at5, seq, 'a', 1)).toBe(at5)
  })

  it('adds an item it did not know and takes an archived one away', () => {
    const added = afterUpdate(at5, 6, 'c', 1)
    expect([...added.itemsBySku.keys()]).toEqual(['a', 'b', 'c'])
    const archived = reduceStock(added, {
      type: 'event',
      event: { name: 'inventory:update', payload: { ...update(7, 'a'), type: 'archived' } },
    })
    expect([...archived.itemsBySku.keys()]).toEqual(['b', 'c'])
  })

  it('lists alerts newest first, keeps them over a snapshot and drops them on clear', () => {
    const alerted = [6, 7].reduce(
      (state, seq) =>
        reduceStock(state, {
          type: 'event',
          event: { name: 'inventory:lowStock', payload: lowStock(seq) },
        }),
      at5,
    )
    expect(alerted.alerts.map(({ seq }) => seq)).toEqual([7, 6])
    const reloaded = reduceStock(alerted, {
      type: 'snapshot',
      snapshot: { items: [], position: { epoch: EPOCH, seq: 9 } },
    })
    expect(reloaded.alerts).toHaveLength(2)
    expect(reduceStock(reloaded, { type: 'clear' })).toBe(EMPTY_STOCK)
  })

  it('tells its listeners once for a burst of events', () => {
    const scheduled: (() => void)[] = []
    const view = createStockView({ schedule: (notify) => scheduled.push(notify) })
    let calls = 0
    const unsubscribe = view.subscribe(() => (calls += 1))
    for (const seq of [1, 2, 3]) {
      view.dispatch({
        type: 'event',
        event: { name: 'inventory:update', payload: update(seq) },
      })
    }
    expect(scheduled).toHaveLength(1)
    scheduled[0]?.()
    expect(calls).toBe(1)
    unsubscribe()
    view.dispatch({ type: 'clear' })
    scheduled[1]?.()
    expect(calls).toBe(1)
  })
})

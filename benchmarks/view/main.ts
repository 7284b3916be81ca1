/** What an event costs a page with 5,000 items: `npm run figures:view`. */
import { EMPTY_STOCK, reduceStock, type StockEvent } from '@uzima/client'
import type { Item } from '@uzima/contracts'
import { createInventoryView } from '../../packages/client/src/inventory/inventory-view.js'

const ITEMS = 5_000
const EVENTS = 20_000
const epoch = '11111111-1111-4111-8111-111111111111'
const NAMES = ['Amoxicillin', 'Paracétamol', 'Ibuprofen', 'Éosine', 'Zinc sulfate']

const itemOf = (n: number, quantity: number, version: number): Item => ({
  sku: `MED-${n.toString()}`,
  name: `${NAMES[n % NAMES.length] ?? ''} ${n.toString()} mg`,
  category: n % 2 === 0 ? 'Antibiotics' : 'Pain',
  unit: 'tablet',
  threshold: 10,
  totalQuantity: quantity,
  usableQuantity: quantity,
  expiredQuantity: 0,
  lowStock: quantity <= 10,
  version,
  lots: [
    {
      lotNumber: `L${n.toString()}`,
      quantity,
      expiryDate: `203${(n % 9).toString()}-01-31`,
      receivedAt: '2026-01-01T00:00:00Z',
      expired: false,
    },
  ],
  metadata: {},
  updatedAt: '2026-01-01T00:00:00Z',
})

const eventOf = (seq: number): StockEvent => ({
  name: 'inventory:update',
  payload: {
    seq,
    type: 'updated',
    item: itemOf((seq * 7919) % ITEMS, (seq * 31) % 100, seq),
    timestamp: '',
  },
})

const measure = (what: string, times: number, work: (n: number) => void): void => {
  const startedAt = performance.now()
  for (let n = 1; n <= times; n += 1) work(n)
  const us = ((performance.now() - startedAt) / times) * 1_000
  process.stdout.write(`${what.padEnd(64)} ${us.toFixed(0).padStart(8)} µs\n`)
}

const snapshot = {
  position: { epoch, seq: 0 },
  items: Array.from({ length: ITEMS }, (_, n) => itemOf(n, n % 100, 1)),
}
const due: (() => void)[] = []
const view = createInventoryView({ schedule: (notify) => due.push(notify), now: Date.now })

measure('a snapshot of 5,000 items', 1, () => view.replace(snapshot))
measure('the first search', 1, () => view.list({ search: 'amox' }))
measure('another search', 1, () => view.list({ search: 'zinc 4' }))
measure('another order', 1, () => view.list({ sort: 'quantity' }))
for (const query of [{}, { low: true }, { search: 'amox', sort: 'quantity' as const }]) {
  view.subscribe(query, () => view.list(query))
}
for (let n = 0; n < 30; n += 1) view.subscribe({ sku: `MED-${n.toString()}` }, () => undefined)
measure('an event, and each list that shows it read again', EVENTS, (n) => {
  view.apply(eventOf(n))
  for (const notify of due.splice(0)) notify()
})
let state = reduceStock(EMPTY_STOCK, { type: 'snapshot', snapshot })
measure('the same event with `reduceStock`, no list read', EVENTS / 10, (n) => {
  state = reduceStock(state, { type: 'event', event: eventOf(n) })
})

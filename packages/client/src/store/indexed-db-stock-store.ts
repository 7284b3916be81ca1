import type { Item } from '@uzima/contracts'
import { committed, openDatabase, resultOf as answerOf } from './indexed-db.js'
import {
  hasTurn,
  resultOf,
  type KeptStock,
  type StockSave,
  type StockStore,
  type StockTurn,
} from './stock-store.js'

/** Everything of a save but its items, each of which is a row of its own. */
type Head = Omit<KeptStock, 'items'> & StockTurn

const LAST_USER = 'stock of'
/** Stock of people who have not been here for so long is removed: a tablet meets many. */
const KEPT_MS = 30 * 86_400_000

/** Keeps the stock in the browser's IndexedDB, item by item, each person's apart. */
export const indexedDbStockStore = (
  database: () => Promise<IDBDatabase> = openDatabase,
): StockStore => ({
  read: async (userId, turn) => {
    const transaction = (await database()).transaction(['stock', 'meta'], 'readwrite')
    const meta = transaction.objectStore('meta')
    const of = userId ?? ((await answerOf(meta.get(LAST_USER))) as string | undefined)
    // What is in there was put there by `save`.
    const head = of === undefined ? undefined : ((await answerOf(meta.get(headKey(of)))) as Head)
    if (of === undefined || head === undefined) return null
    const items = (await answerOf(transaction.objectStore('stock').getAll(itemsOf(of)))) as Item[]
    if (hasTurn(turn, head)) meta.put({ ...head, ...turn }, headKey(of))
    await committed(transaction)
    const { user, position, asOf, clockOffsetMs } = head
    return { user, position, asOf, clockOffsetMs, items }
  },
  save: async ({ items, removed, whole, ...head }) => {
    const { userId } = head.user
    const transaction = (await database()).transaction(['stock', 'meta'], 'readwrite')
    const meta = transaction.objectStore('meta')
    const stock = transaction.objectStore('stock')
    const last = (await answerOf(meta.get(headKey(userId)))) as Head | undefined
    const result = resultOf({ ...head, whole }, last)
    if (result === 'saved') {
      if (whole) {
        stock.delete(itemsOf(userId))
        await forgetLongGone(meta, stock, head)
      }
      for (const sku of removed) stock.delete([userId, sku])
      for (const item of items) stock.put(item, [userId, item.sku])
      meta.put(head satisfies Head, headKey(userId))
      meta.put(userId, LAST_USER)
    }
    await committed(transaction)
    return result
  },
  wipe: async (userId) => {
    const transaction = (await database()).transaction(['stock', 'meta'], 'readwrite')
    transaction.objectStore('stock').delete(itemsOf(userId))
    transaction.objectStore('meta').delete(headKey(userId))
    await committed(transaction)
  },
})

const headKey = (userId: string): IDBValidKey => ['stock', userId]
const HEADS = (): IDBKeyRange => IDBKeyRange.bound(['stock'], ['stock', []])
/** Every row of the person: an array comes after all texts. */
const itemsOf = (userId: string): IDBKeyRange => IDBKeyRange.bound([userId], [userId, []])

const forgetLongGone = async (
  meta: IDBObjectStore,
  stock: IDBObjectStore,
  now: Pick<StockSave, 'asOf'>,
): Promise<void> => {
  const heads = (await answerOf(meta.getAll(HEADS()))) as Head[]
  for (const { asOf, user } of heads) {
    if (now.asOf - asOf < KEPT_MS) continue
    stock.delete(itemsOf(user.userId))
    meta.delete(headKey(user.userId))
  }
}

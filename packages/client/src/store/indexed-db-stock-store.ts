import type { Item } from '@uzima/contracts'
import { requested, type UzimaDatabase } from './indexed-db.js'
import { resultOf, type KeptStock, type StockStore } from './stock-store.js'

/** Everything of a save but its items, each of which is a row of its own. */
type Head = Omit<KeptStock, 'items'>

const LAST_USER = 'stock of'
/** Stock of people who have not been here for so long is removed: a tablet meets many. */
const KEPT_MS = 30 * 86_400_000

/** Keeps the stock in IndexedDB, item by item, each person's apart. */
export const indexedDbStockStore = (database: UzimaDatabase): StockStore => {
  const run = <T>(work: (meta: IDBObjectStore, stock: IDBObjectStore) => T | Promise<T>) =>
    database.run(['stock', 'meta'], 'readwrite', (transaction) =>
      work(transaction.objectStore('meta'), transaction.objectStore('stock')),
    )

  return {
    read: (userId) =>
      run(async (meta, stock) => {
        // What is in there was put there by `save`.
        const of = userId ?? ((await requested(meta.get(LAST_USER))) as string | undefined)
        if (of === undefined) return null
        const head = (await requested(meta.get(headKey(of)))) as Head | undefined
        if (head === undefined) return null
        const items = (await requested(stock.getAll(itemsOf(of)))) as Item[]
        return { ...head, items }
      }),
    save: ({ items, removed, since, ...head }) =>
      run(async (meta, stock) => {
        const { userId } = head.user
        const last = (await requested(meta.get(headKey(userId)))) as Head | undefined
        const result = resultOf({ ...head, since }, last)
        if (result !== 'saved') return result
        if (since === null) {
          stock.delete(itemsOf(userId))
          await forgetLongGone(meta, stock, head)
        }
        for (const sku of removed) stock.delete([userId, sku])
        for (const item of items) stock.put(item, [userId, item.sku])
        meta.put(head satisfies Head, headKey(userId))
        meta.put(userId, LAST_USER)
        return result
      }),
    wipe: (userId) =>
      run((meta, stock) => {
        stock.delete(itemsOf(userId))
        meta.delete(headKey(userId))
      }),
  }
}

const headKey = (userId: string): IDBValidKey => ['stock', userId]
const HEADS = (): IDBKeyRange => IDBKeyRange.bound(['stock'], ['stock', []])
/** Every row of the person: an array comes after all texts. */
const itemsOf = (userId: string): IDBKeyRange => IDBKeyRange.bound([userId], [userId, []])

const forgetLongGone = async (
  meta: IDBObjectStore,
  stock: IDBObjectStore,
  now: Head,
): Promise<void> => {
  const heads = (await requested(meta.getAll(HEADS()))) as Head[]
  for (const { asOf, user } of heads) {
    if (now.asOf - asOf < KEPT_MS) continue
    stock.delete(itemsOf(user.userId))
    meta.delete(headKey(user.userId))
  }
}

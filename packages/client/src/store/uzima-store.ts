import { indexedDbWriteStore } from '../writes/indexed-db-store.js'
import { memoryWriteStore } from '../writes/memory-store.js'
import type { WriteStore } from '../writes/types.js'
import { createDatabase, type DatabaseOptions } from './indexed-db.js'
import { indexedDbStockStore } from './indexed-db-stock-store.js'
import { memoryStockStore } from './memory-stock-store.js'
import type { StockStore } from './stock-store.js'

/** Where a client keeps what must outlive a reload. */
export interface UzimaStore {
  readonly stock: StockStore
  readonly writes: WriteStore
}

/** Keeps everything as long as the program runs, and no longer. */
export const memoryStore = (): UzimaStore => ({
  stock: memoryStockStore(),
  writes: memoryWriteStore(),
})

/** Keeps everything in the browser's IndexedDB, shared by all tabs of the page's origin. */
export const indexedDbStore = (options: DatabaseOptions = {}): UzimaStore => {
  const database = createDatabase(options)
  return { stock: indexedDbStockStore(database), writes: indexedDbWriteStore(database) }
}

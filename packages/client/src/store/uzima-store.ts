import { indexedDbStockStore } from './indexed-db-stock-store.js'
import { memoryStockStore } from './memory-stock-store.js'
import type { StockStore } from './stock-store.js'

/** Where this client keeps what must outlive a reload. */
export interface UzimaStore {
  readonly stock: StockStore
}

/** Keeps everything as long as the program runs, and no longer. */
export const memoryStore = (): UzimaStore => ({ stock: memoryStockStore() })

/** Keeps everything in the browser's IndexedDB, shared by all tabs of the page's origin. */
export const indexedDbStore = (): UzimaStore => ({ stock: indexedDbStockStore() })

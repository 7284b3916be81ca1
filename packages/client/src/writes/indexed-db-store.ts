import { requested, type UzimaDatabase } from '../store/indexed-db.js'
import type { StoredWrite, WriteStore } from './types.js'

const CHANNEL = 'uzima:writes'

/** Keeps writes in IndexedDB, for all tabs of this origin: over reloads, crashes and power cuts. */
export const indexedDbWriteStore = (database: UzimaDatabase): WriteStore => {
  const channel =
    typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(CHANNEL)
  const listeners = new Set<() => void>()
  let hasAsked = false
  if (channel !== undefined) {
    channel.onmessage = () => {
      for (const listener of [...listeners]) listener()
    }
  }
  return {
    read: () => database.run(['writes'], 'readonly', (tx) => readRows(tx.objectStore('writes'))),
    transact: async (change) => {
      const { result, isChanged } = await database.run(['writes'], 'readwrite', async (tx) => {
        const writes = tx.objectStore('writes')
        const changed = change(await readRows(writes))
        const { put = [], remove = [] } = changed
        for (const id of remove) writes.delete(id)
        for (const row of put) writes.put(row)
        return { result: changed.result, isChanged: put.length + remove.length > 0 }
      })
      if (isChanged) {
        channel?.postMessage('changed')
        if (!hasAsked) {
          hasAsked = true
          askToPersist()
        }
      }
      return result
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

const readRows = async (writes: IDBObjectStore): Promise<readonly StoredWrite[]> => {
  // Only this store writes here.
  const rows = (await requested(writes.getAll())) as readonly StoredWrite[]
  return [...rows].sort((a, b) => a.n - b.n)
}

/** Asks the browser not to clear the store when the disk is full. `navigator.storage.persisted()` tells what it decided. */
const askToPersist = (): void => {
  // Not in a page of plain http.
  const storage =
    typeof navigator === 'undefined' ? undefined : (navigator.storage as StorageManager | undefined)
  storage?.persist().catch(() => false)
}

import { browser } from '../browser.js'
import { requested, type UzimaDatabase } from '../store/indexed-db.js'
import type { StoredWrite, WriteStore } from './types.js'

/** Keeps writes in IndexedDB, for all tabs of this origin: over reloads, crashes and power cuts. */
export const indexedDbWriteStore = (database: UzimaDatabase): WriteStore => {
  /** One for each listener. */
  const channels = new Set<BroadcastChannel>()
  let hasAsked = false
  return {
    read: () => database.run(['writes'], 'readonly', readRows),
    transact: async (change) => {
      const { result, isChanged } = await database.run(['writes'], 'readwrite', async (tx) => {
        const writes = tx.objectStore('writes')
        const { put = [], remove = [], result: made } = change(await readRows(tx))
        for (const id of remove) writes.delete(id)
        for (const row of put) writes.put(row)
        return { result: made, isChanged: put.length + remove.length > 0 }
      })
      if (!isChanged) return result
      for (const channel of channels) channel.postMessage('changed')
      // Not to be cleared when the disk is full. `navigator.storage.persisted()` tells what the browser decided.
      if (!hasAsked) browser.storage?.persist().catch(() => false)
      hasAsked = true
      return result
    },
    onChange: (listener) => {
      const channel = new BroadcastChannel(`${database.name}:writes`)
      channels.add(channel)
      channel.onmessage = listener
      return () => {
        channels.delete(channel)
        channel.close()
      }
    },
  }
}

const readRows = async (tx: IDBTransaction): Promise<readonly StoredWrite[]> => {
  // Only this store writes here.
  const rows = (await requested(tx.objectStore('writes').getAll())) as readonly StoredWrite[]
  return [...rows].sort((a, b) => a.n - b.n)
}

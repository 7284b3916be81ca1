import { requested, type UzimaDatabase } from '../store/indexed-db.js'
import type { StoredWrite, WriteStore } from './types.js'

/** Keeps writes in IndexedDB, for all tabs of this origin: over reloads, crashes and power cuts. */
export const indexedDbWriteStore = (database: UzimaDatabase): WriteStore => {
  const others = createOthers(`${database.name}:writes`)
  let hasAsked = false
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
      if (!isChanged) return result
      others.tell()
      if (!hasAsked) askToPersist()
      hasAsked = true
      return result
    },
    onChange: others.onTold,
  }
}

/** The other tabs, over a channel that is open while somebody listens. */
const createOthers = (name: string) => {
  const listeners = new Set<() => void>()
  let channel: BroadcastChannel | undefined
  return {
    tell: (): void => {
      channel?.postMessage('changed')
    },
    onTold: (listener: () => void): (() => void) => {
      listeners.add(listener)
      if (channel === undefined && typeof BroadcastChannel !== 'undefined') {
        channel = new BroadcastChannel(name)
        channel.onmessage = () => {
          for (const told of [...listeners]) told()
        }
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        channel?.close()
        channel = undefined
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

import { applied } from './rows.js'
import type { StoredWrite, WriteStore } from './types.js'

/** Keeps writes as long as the process lives. Several queues may share it. */
export const memoryWriteStore = (): WriteStore => {
  let rows: readonly StoredWrite[] = []
  const listeners = new Set<() => void>()
  return {
    read: () => Promise.resolve(rows),
    transact: async (change) => {
      // As with any store, nothing has happened yet when this returns.
      await Promise.resolve()
      const changed = change(rows)
      rows = applied(rows, changed)
      if (changed.put !== undefined || changed.remove !== undefined) {
        for (const listener of [...listeners]) queueMicrotask(listener)
      }
      return changed.result
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

/** What of this package is kept in a browser: one database for each origin. */
export const DATABASE_NAME = 'uzima'
const STORES = ['writes', 'stock', 'meta'] as const

export type StoreName = (typeof STORES)[number]

/** Opens the database, made where there is none. */
export const openDatabase = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE_NAME, 1)
    opening.onupgradeneeded = () => {
      for (const name of STORES) opening.result.createObjectStore(name)
    }
    opening.onsuccess = () => {
      const database = opening.result
      // A newer page wants another version: whoever holds on to this one would stop it.
      database.onversionchange = () => {
        database.close()
      }
      resolve(database)
    }
    opening.onerror = () => {
      reject(asError(opening.error))
    }
  })

/** The result of a request; only requests of the same transaction may be awaited before the next. */
export const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = () => {
      reject(asError(request.error))
    }
  })

/** Resolves once the transaction is kept; rejects where nothing of it is. */
export const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve()
    }
    transaction.onabort = () => {
      reject(asError(transaction.error))
    }
  })

const asError = (error: DOMException | null): Error =>
  error ?? new Error('The browser ended the transaction')

/** Object stores of the database, one owner each. */
export type StoreName = 'writes' | 'stock' | 'meta'

/** One IndexedDB of this origin, opened when it is first used. */
export interface UzimaDatabase {
  readonly name: string
  /**
   * Runs `work` in one transaction and resolves with its result when that is complete: with `readwrite`, when it is safe from
   * a power cut. `work` may wait for `requested(...)` only: any other wait ends the transaction. Where it throws, nothing is
   * changed.
   */
  readonly run: <T>(
    names: readonly StoreName[],
    mode: 'readonly' | 'readwrite',
    work: (transaction: IDBTransaction) => T | Promise<T>,
  ) => Promise<T>
  readonly close: () => void
}

export interface DatabaseOptions {
  /** Default `uzima`. */
  readonly name?: string
  /** Another tab holds an older version open and does not let it go: tell the person to close it. */
  readonly onBlocked?: () => void
  /** Default: the browser's. */
  readonly factory?: IDBFactory
}

const VERSION = 1

/** Makes the access to the database; nothing is opened yet. */
export const createDatabase = (options: DatabaseOptions = {}): UzimaDatabase => {
  const { name = 'uzima' } = options
  let opened: Promise<IDBDatabase> | undefined

  const forget = (): void => {
    opened = undefined
  }

  const open = (): Promise<IDBDatabase> => {
    const request = (options.factory ?? indexedDB).open(name, VERSION)
    request.onupgradeneeded = () => {
      const database = request.result
      database.createObjectStore('writes', { keyPath: 'id' })
      database.createObjectStore('stock')
      database.createObjectStore('meta')
    }
    request.onblocked = () => options.onBlocked?.()
    const opening = requested(request)
    opening.then((database) => {
      // A newer page wants to upgrade: it would wait for this one to be closed.
      database.onversionchange = () => {
        forget()
        database.close()
      }
      database.onclose = forget
    }, forget)
    return opening
  }

  return {
    name,
    run: async (names, mode, work) => {
      const begin = async () =>
        (await (opened ??= open())).transaction([...names], mode, { durability: 'strict' })
      const transaction = await begin().catch(() => {
        // The browser has closed the connection: for an upgrade, or because the page was in the background.
        forget()
        return begin()
      })
      const [result] = await Promise.all([worked(transaction, work), completed(transaction)])
      return result
    },
    close: () => {
      opened
        ?.then((database) => {
          database.close()
        })
        .catch(forget)
      forget()
    },
  }
}

/** The result of a request inside a transaction. */
export const requested = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = () => {
      reject(errorOf(request))
    }
  })

const worked = async <T>(
  transaction: IDBTransaction,
  work: (transaction: IDBTransaction) => T | Promise<T>,
): Promise<T> => {
  try {
    return await work(transaction)
  } catch (thrown) {
    // A failed request has aborted it already.
    if (transaction.error === null) transaction.abort()
    throw thrown
  }
}

const completed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve()
    }
    transaction.onabort = () => {
      reject(errorOf(transaction))
    }
  })

const errorOf = ({ error }: { readonly error: DOMException | null }): Error =>
  error ?? new Error('Transaction aborted')

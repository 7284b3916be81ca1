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

  const open = (): Promise<IDBDatabase> => {
    opened ??= openDatabase(name, options, () => {
      opened = undefined
    }).catch((thrown: unknown) => {
      opened = undefined
      throw thrown
    })
    return opened
  }

  const begin = async (
    names: readonly StoreName[],
    mode: 'readonly' | 'readwrite',
  ): Promise<IDBTransaction> => {
    const start = async () => (await open()).transaction([...names], mode, { durability: 'strict' })
    try {
      return await start()
    } catch (thrown) {
      // The browser has closed the connection: for an upgrade, or because the page was in the background.
      if (!(thrown instanceof DOMException) || thrown.name !== 'InvalidStateError') throw thrown
      opened = undefined
      return start()
    }
  }

  return {
    name,
    run: async (names, mode, work) => {
      const transaction = await begin(names, mode)
      const [result] = await Promise.all([worked(transaction, work), completed(transaction)])
      return result
    },
    close: () => {
      const closing = opened
      opened = undefined
      void closing?.then(
        (database) => {
          database.close()
        },
        () => undefined,
      )
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
      reject(errorOf(request.error))
    }
  })

const openDatabase = (
  name: string,
  { onBlocked, factory = indexedDB }: DatabaseOptions,
  onGone: () => void,
): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = factory.open(name, VERSION)
    request.onupgradeneeded = ({ oldVersion }) => {
      const database = request.result
      if (oldVersion < 1) {
        database.createObjectStore('writes', { keyPath: 'id' })
        database.createObjectStore('stock')
        database.createObjectStore('meta')
      }
    }
    request.onblocked = () => onBlocked?.()
    request.onerror = () => {
      reject(errorOf(request.error))
    }
    request.onsuccess = () => {
      const database = request.result
      // A newer page wants to upgrade: it would wait for this one to be closed.
      database.onversionchange = () => {
        onGone()
        database.close()
      }
      database.onclose = onGone
      resolve(database)
    }
  })

const worked = async <T>(
  transaction: IDBTransaction,
  work: (transaction: IDBTransaction) => T | Promise<T>,
): Promise<T> => {
  try {
    return await work(transaction)
  } catch (thrown) {
    abort(transaction)
    throw thrown
  }
}

/** A failed request has aborted it already. */
const abort = (transaction: IDBTransaction): void => {
  try {
    transaction.abort()
  } catch (thrown) {
    if (!(thrown instanceof DOMException) || thrown.name !== 'InvalidStateError') throw thrown
  }
}

const completed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve()
    }
    transaction.onabort = () => {
      reject(errorOf(transaction.error))
    }
  })

const errorOf = (error: DOMException | null): Error =>
  error ?? new DOMException('The transaction was aborted', 'AbortError')

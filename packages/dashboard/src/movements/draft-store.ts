/** Keeps what a person has typed and not booked, under that person's id, where a reload or a power cut does not take it. */
export interface DraftStore {
  /** Undefined where nothing is kept. */
  readonly read: (userId: string, name: string) => Promise<unknown>
  /** The last value counts; undefined forgets. Never fails: without a disk it keeps the draft as long as the page. */
  readonly write: (userId: string, name: string, value: unknown) => void
  /** Names of the person's drafts. */
  readonly names: (userId: string) => Promise<readonly string[]>
}

const DATABASE = 'uzima-drafts'
const TABLE = 'drafts'

/** Drafts in the browser's database; each is on the disk before the next is written. */
export const createDraftStore = (idb: IDBFactory | undefined): DraftStore => {
  // What this page has written: newer than the disk, and all there is where the browser keeps nothing.
  const held = new Map<string, { userId: string; name: string; value: unknown }>()
  const dirty = new Set<string>()
  let opening: Promise<IDBDatabase | undefined> | undefined
  let writing = false

  const open = (): Promise<IDBDatabase | undefined> =>
    (opening ??= openDatabase(idb).catch(() => undefined))

  const writeDirty = async (): Promise<void> => {
    if (writing) return
    writing = true
    const database = await open()
    for (const key of dirty) {
      dirty.delete(key)
      const draft = held.get(key)
      if (database === undefined || draft === undefined) continue
      // Quota, or the disk: the draft stays in the form, and the next letter tries again.
      await put(database, [draft.userId, draft.name], draft.value).catch(() => undefined)
    }
    writing = false
  }

  return {
    read: async (userId, name) => {
      const known = held.get(keyOf(userId, name))
      if (known !== undefined) return known.value
      const database = await open()
      return database === undefined
        ? undefined
        : get(database, [userId, name]).catch(() => undefined)
    },
    write: (userId, name, value) => {
      const key = keyOf(userId, name)
      held.set(key, { userId, name, value })
      dirty.add(key)
      void writeDirty()
    },
    names: async (userId) => {
      const database = await open()
      const kept = database === undefined ? [] : await keysOf(database, userId).catch(() => [])
      const mine = [...held.values()].filter((draft) => draft.userId === userId)
      const gone = new Set(mine.filter(({ value }) => value === undefined).map(({ name }) => name))
      const all = new Set([...kept, ...mine.map(({ name }) => name)])
      return [...all].filter((name) => !gone.has(name))
    },
  }
}

const keyOf = (userId: string, name: string): string => JSON.stringify([userId, name])

const openDatabase = async (idb: IDBFactory | undefined): Promise<IDBDatabase | undefined> => {
  if (idb === undefined) return undefined
  const request = idb.open(DATABASE, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(TABLE)
  }
  const database = await answerOf(request)
  // Another tab has a newer page, which must not wait for this one.
  database.onversionchange = () => {
    database.close()
  }
  return database
}

const put = (database: IDBDatabase, key: [string, string], value: unknown): Promise<void> => {
  const transaction = database.transaction(TABLE, 'readwrite', { durability: 'strict' })
  const table = transaction.objectStore(TABLE)
  if (value === undefined) table.delete(key)
  else table.put(value, key)
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve()
    }
    transaction.onabort = () => {
      reject(transaction.error ?? new Error('The draft was not kept'))
    }
  })
}

const get = (database: IDBDatabase, key: [string, string]): Promise<unknown> =>
  answerOf<unknown>(database.transaction(TABLE).objectStore(TABLE).get(key))

const keysOf = async (database: IDBDatabase, userId: string): Promise<string[]> => {
  const range = IDBKeyRange.bound([userId], [userId, []])
  const keys = await answerOf(database.transaction(TABLE).objectStore(TABLE).getAllKeys(range))
  return keys.flatMap((key) => (Array.isArray(key) && typeof key[1] === 'string' ? [key[1]] : []))
}

const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = () => {
      reject(request.error ?? new Error('The browser keeps nothing'))
    }
  })

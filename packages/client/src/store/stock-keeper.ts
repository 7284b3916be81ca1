import type { Item, Position } from '@uzima/contracts'
import type { KeptStock, StockStore } from './stock-store.js'

export interface StockKeeperOptions {
  readonly store: StockStore
  readonly stock: {
    readonly get: (sku: string) => Item | undefined
    readonly list: () => readonly Item[]
    readonly position: () => Position | null
  }
  /** What belongs to the stock that is shown now; null where it is nobody's. */
  readonly about: () => Omit<KeptStock, 'items' | 'position'> | null
  readonly onError: (thrown: unknown) => void
}

/** Keeps what is shown, a little later and only what has changed; as one with its position. */
export interface StockKeeper {
  readonly read: (userId: string | undefined) => Promise<KeptStock | null>
  /** What is shown is what was read. */
  readonly isKept: () => void
  readonly changed: (sku: string) => void
  /** What is shown is another thing altogether. */
  readonly replaced: () => void
  /** Something else is, that is kept with the stock. */
  readonly touched: () => void
  /** It was known to be complete just now. */
  readonly confirmed: () => void
  /** Keeps now what is to be kept. */
  readonly flush: () => Promise<void>
  readonly wipe: (userId: string) => Promise<void>
}

/** Soon, because whoever opens a page may close it at once. */
const REPLACE_AFTER_MS = 300
const CHANGE_AFTER_MS = 2_000
const CONFIRM_AFTER_MS = 10_000
/** After the store has failed. */
const RETRY_AFTER_MS = 30_000

export const createStockKeeper = (options: StockKeeperOptions): StockKeeper => {
  const { store, stock } = options
  let changed = new Set<string>()
  /** Where `changed` begins; null: all of it is to be kept. */
  let since: Position | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let dueAt = Infinity
  /** One after the other: a save that comes late must not undo a wipe. */
  let last: Promise<unknown> = Promise.resolve()

  const after = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }

  const saveWithin = (delayMs: number): void => {
    const at = performance.now() + delayMs
    if (at >= dueAt) return
    dueAt = at
    clearTimeout(timer)
    timer = setTimeout(() => void after(save), delayMs)
  }

  const save = async (): Promise<void> => {
    clearTimeout(timer)
    dueAt = Infinity
    const about = options.about()
    const position = stock.position()
    if (about === null || position === null) return
    const skus = [...changed]
    const items = since ? skus.flatMap((sku) => stock.get(sku) ?? []) : stock.list()
    const removed = skus.filter((sku) => stock.get(sku) === undefined)
    const saving = store.save({ ...about, position, since, items, removed })
    changed = new Set()
    since = position
    const result = await saving.catch(options.onError)
    if (result === 'saved' || result === 'newer_kept') return
    since = null
    saveWithin(result ? 0 : RETRY_AFTER_MS)
  }

  return {
    read: (userId) => after(() => store.read(userId)),
    isKept: () => {
      changed.clear()
      since = stock.position()
    },
    changed: (sku) => {
      changed.add(sku)
      saveWithin(CHANGE_AFTER_MS)
    },
    replaced: () => {
      changed.clear()
      since = null
      saveWithin(REPLACE_AFTER_MS)
    },
    touched: () => {
      saveWithin(CHANGE_AFTER_MS)
    },
    confirmed: () => {
      saveWithin(CONFIRM_AFTER_MS)
    },
    flush: () => after(save),
    wipe: (userId) => after(() => store.wipe(userId)),
  }
}

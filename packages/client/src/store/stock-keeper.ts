import type { Item, Position } from '@uzima/contracts'
import { randomUuid } from '../uuid.js'
import { TURN_MS, type KeptStock, type StockStore } from './stock-store.js'

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
  /** Keeps now what is to be kept; with `leave` another client may take over. */
  readonly flush: (leave?: boolean) => Promise<void>
  readonly wipe: (userId: string) => Promise<void>
}

/** Soon, because whoever opens a page may close it at once. */
const REPLACE_AFTER_MS = 300
const CHANGE_AFTER_MS = 2_000
const CONFIRM_AFTER_MS = 10_000

export const createStockKeeper = (options: StockKeeperOptions): StockKeeper => {
  const { store, stock } = options
  const writer = randomUuid()
  let changed = new Set<string>()
  let isWhole = true
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
    timer = setTimeout(() => void after(() => save(false)), delayMs)
  }

  const save = async (leave: boolean): Promise<void> => {
    clearTimeout(timer)
    dueAt = Infinity
    const about = options.about()
    const position = stock.position()
    if (about === null || position === null) return
    const saved = changed
    const whole = isWhole
    changed = new Set()
    isWhole = false
    const items = whole ? stock.list() : [...saved].flatMap((sku) => stock.get(sku) ?? [])
    const removed = whole ? [] : [...saved].filter((sku) => stock.get(sku) === undefined)
    const at = leave ? 0 : Date.now()
    const result = await store
      .save({ ...about, position, writer, at, whole, items, removed })
      .catch(options.onError)
    if (result === 'saved') return
    isWhole = true
    if (!leave) saveWithin(result === 'whole_wanted' ? 0 : TURN_MS)
  }

  return {
    read: (userId) => after(() => store.read(userId, { writer, at: Date.now() })),
    isKept: () => {
      changed.clear()
      isWhole = false
    },
    changed: (sku) => {
      if (!isWhole) changed.add(sku)
      saveWithin(CHANGE_AFTER_MS)
    },
    replaced: () => {
      changed.clear()
      isWhole = true
      saveWithin(REPLACE_AFTER_MS)
    },
    touched: () => {
      saveWithin(CHANGE_AFTER_MS)
    },
    confirmed: () => {
      saveWithin(CONFIRM_AFTER_MS)
    },
    flush: (leave = false) => after(() => save(leave)),
    wipe: (userId) => after(() => store.wipe(userId)),
  }
}

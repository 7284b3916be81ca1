import { browser } from '../browser.js'
import { final, passing, realtimeErrorFrom } from '../errors.js'
import { added, dropped, retried, type Decider } from './decisions.js'
import { createDrain, type Drain } from './drain.js'
import { applied, revived } from './rows.js'
import { createShownWrites } from './shown-writes.js'
import { createTabPresence } from './tab-presence.js'
import type { StoreChange, StoredWrite, WriteQueueControl, WriteQueueOptions } from './types.js'

/**
 * Makes the queue of one tab. What `add` has resolved with is in the store, and is sent from there, by this queue or another
 * one over the same store, until the server has said what became of it. Nothing is read or sent before `start`.
 */
export const createWriteQueue = (options: WriteQueueOptions): WriteQueueControl => {
  const { store, user, stock, now = Date.now, locks = browser.locks } = options
  const presence = createTabPresence(locks)
  let rows: readonly StoredWrite[] = []
  let drain: Drain | undefined
  let subscriptions: readonly (() => void)[] = []
  const shown = createShownWrites(options, () => rows)

  const show = (next: readonly StoredWrite[]): void => {
    rows = next
    shown.refresh()
  }

  const change = async <T>(of: (rows: readonly StoredWrite[]) => StoreChange<T>): Promise<T> => {
    let after = rows
    const result = await store
      .transact((before) => {
        const changed = of(before)
        after = applied(before, changed)
        return changed
      })
      .catch(rejectAsStore)
    show(after)
    return result
  }

  const read = async (): Promise<void> => {
    show(await store.read().catch(rejectAsStore))
  }

  /** Lets what waited for its author go on, and sends without waiting. */
  const revive = async (): Promise<void> => {
    const author = user.get()?.userId
    if (author !== undefined && revived(rows, author).length > 0) {
      await change((found) => ({ put: revived(found, author), result: undefined }))
    }
    drain?.wake()
  }

  /** For what nobody waits for. */
  const report = (thrown: unknown): void => {
    options.onError?.(realtimeErrorFrom(thrown, 'STORE_UNAVAILABLE'))
  }

  const wake = (): void => {
    revive().catch(report)
  }

  const decide = async <T>(
    how: (rows: readonly StoredWrite[], who: Decider) => StoreChange<T>,
  ): Promise<T> => {
    const author = user.get()?.userId
    if (author === undefined) throw final('SIGNED_OUT', 'Nobody is logged in')
    return change((found) => how(found, { author, now: now() }))
  }

  const watch = (): readonly (() => void)[] => {
    let seenUser = user.get()
    return [
      store.onChange(() => {
        read()
          .then(() => drain?.kick())
          .catch(report)
      }),
      user.subscribe(() => {
        if (user.get() === seenUser) return
        seenUser = user.get()
        shown.refresh()
        wake()
      }),
      stock.subscribe(undefined, shown.refresh),
    ]
  }

  return {
    ...shown,
    add: async (movement) => {
      const row = await decide((found, who) => added(found, movement, who))
      drain?.kick()
      return row
    },
    retry: async (id, changes) => {
      const row = await decide((found, who) => retried(found, id, changes, who))
      if (row === undefined) {
        throw final('WRITE_NOT_REFUSED', 'The server has not refused it')
      }
      drain?.wake()
      return row
    },
    drop: async (id, reason) => {
      if (await decide((found, who) => dropped(found, id, reason, who))) return
      throw final('WRITE_UNSETTLED', 'The server has not answered')
    },
    start: async () => {
      if (drain !== undefined) return
      drain = createDrain(options, { all: () => rows, change }, presence)
      subscriptions = watch()
      await presence.appear()
      await read()
      await revive()
    },
    stop: () => {
      for (const unsubscribe of subscriptions) unsubscribe()
      subscriptions = []
      drain?.stop()
      drain = undefined
      presence.vanish()
    },
    wake,
  }
}

const rejectAsStore = (cause: unknown): never => {
  throw passing('STORE_UNAVAILABLE', 'This device cannot keep it', { cause })
}

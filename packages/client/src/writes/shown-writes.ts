import { createSignal } from '../subscriptions.js'
import { effectOf } from './effect.js'
import { isPending } from './rows.js'
import type { PendingEffect, QueuedWrite, StoredWrite, WriteQueueOptions } from './types.js'

/** What the person who is logged in sees of the rows. */
export interface ShownWrites {
  readonly list: () => readonly QueuedWrite[]
  readonly othersWaiting: () => number
  readonly effectOn: (sku: string) => PendingEffect
  /** Looks again, and tells the listeners where something is different. */
  readonly refresh: () => void
  readonly subscribe: (listener: () => void) => () => void
}

/** Makes what is shown of `rows`; empty until `refresh`. */
export const createShownWrites = (
  { user, stock, schedule = queueMicrotask }: WriteQueueOptions,
  rows: () => readonly StoredWrite[],
): ShownWrites => {
  const { subscribe, tell } = createSignal(schedule)
  let shown: readonly StoredWrite[] = []
  let others = 0

  /** Whether the stock view shows what was booked. */
  const isInView = ({ movement, answer }: StoredWrite): boolean => {
    const position = stock.position()
    if (answer === undefined || position === null) return false
    // In another log (a backup was restored) versions mean other states; its snapshot is what is.
    if (answer.epoch !== undefined && answer.epoch !== position.epoch) return true
    const item = stock.get(movement.sku)
    return item === undefined || item.version >= answer.version
  }

  const isOpen = (row: StoredWrite): boolean =>
    row.state === 'accepted' ? !isInView(row) : row.state !== 'closed'

  return {
    list: () => shown,
    othersWaiting: () => others,
    effectOn: (sku) => {
      const counted = shown.filter(
        (row) => row.movement.sku === sku && (isPending(row) || row.state === 'accepted'),
      )
      const movements = counted.map(({ movement }) => movement)
      return { delta: effectOf(stock.get(sku), movements), pending: counted.length }
    },
    refresh: () => {
      const person = user.get()?.userId
      const next = rows().filter((row) => row.author === person && isOpen(row))
      const isSame =
        next.length === shown.length && next.every((row, index) => row === shown[index])
      const waiting = rows().filter((row) => row.author !== person && isPending(row)).length
      if (isSame && waiting === others) return
      if (!isSame) shown = next
      others = waiting
      tell()
    },
    subscribe,
  }
}

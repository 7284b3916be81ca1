/** Listeners by what they look at, called together when their turn comes. */
export interface Subscriptions {
  readonly add: (target: string, listener: () => void) => () => void
  /** Something changed that `target` shows; its listeners hear of it after the next `done`. */
  readonly touch: (target: string) => void
  /** What is there to see is whole again. */
  readonly done: () => void
}

export const createSubscriptions = (schedule: (notify: () => void) => void): Subscriptions => {
  const byTarget = new Map<string, Set<() => void>>()
  let touched = new Set<string>()
  let isScheduled = false

  const notify = (): void => {
    isScheduled = false
    const now = touched
    touched = new Set()
    const due = new Set<() => void>()
    for (const target of now) byTarget.get(target)?.forEach((listener) => due.add(listener))
    for (const listener of due) listener()
  }

  return {
    add: (target, listener) => {
      // Its own, so that the same function may be subscribed twice and leave once.
      const own = (): void => listener()
      const listeners = byTarget.get(target) ?? new Set()
      byTarget.set(target, listeners.add(own))
      return () => {
        listeners.delete(own)
        if (listeners.size === 0) byTarget.delete(target)
      }
    },
    touch: (target) => {
      if (byTarget.has(target)) touched.add(target)
    },
    done: () => {
      if (isScheduled || touched.size === 0) return
      isScheduled = true
      schedule(notify)
    },
  }
}

/** Listeners that all look at the same. */
export const createSignal = (schedule: (notify: () => void) => void) => {
  const { add, touch, done } = createSubscriptions(schedule)
  return {
    subscribe: (listener: () => void): (() => void) => add('', listener),
    tell: (): void => {
      touch('')
      done()
    },
  }
}

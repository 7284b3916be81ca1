/** Listeners by what they look at, called together when their turn comes. */
export interface Subscriptions {
  readonly add: (target: string, listener: () => void) => () => void
  /** Whether anybody looks at `target`. */
  readonly has: (target: string) => boolean
  /** Something changed that `target` shows; its listeners hear of it after the next `done`. */
  readonly touch: (target: string) => void
  /** What is there to see is whole again. */
  readonly done: () => void
}

export const createSubscriptions = (schedule: (notify: () => void) => void): Subscriptions => {
  // Each its own, so that the same function may be subscribed twice and leave once.
  const all = new Set<{ readonly target: string; readonly listener: () => void }>()
  let touched = new Set<string>()
  let isScheduled = false

  const notify = (): void => {
    isScheduled = false
    const now = touched
    touched = new Set()
    for (const { target, listener } of [...all]) if (now.has(target)) listener()
  }

  return {
    add: (target, listener) => {
      const own = { target, listener }
      all.add(own)
      return () => {
        all.delete(own)
      }
    },
    has: (target) => [...all].some((one) => one.target === target),
    touch: (target) => {
      touched.add(target)
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

/** Listeners by what they look at, called together when their turn comes. */
export interface Subscriptions {
  readonly add: (target: string, listener: () => void) => () => void
  /** Something changed that `target` shows. */
  readonly touch: (target: string) => void
}

export const createSubscriptions = (schedule: (notify: () => void) => void): Subscriptions => {
  const byTarget = new Map<string, Set<() => void>>()
  let touched = new Set<string>()

  const notify = (): void => {
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
      if (!byTarget.has(target)) return
      if (touched.size === 0) schedule(notify)
      touched.add(target)
    },
  }
}

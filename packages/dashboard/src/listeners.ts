/** Those who look at a value: the `subscribe` of React's `useSyncExternalStore`, and the call when it has changed. */
export interface Listeners {
  /** Returns the unsubscribe. */
  readonly subscribe: (listener: () => void) => () => void
  readonly call: () => void
}

export const createListeners = (): Listeners => {
  const listeners = new Set<() => void>()
  return {
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    call: () => {
      // Who leaves or comes meanwhile is for the next time.
      for (const listener of [...listeners]) listener()
    },
  }
}

/** A value with those who look at it, for React's `useSyncExternalStore`. */
export interface Store<T> {
  readonly get: () => T
  readonly set: (changes: Partial<T>) => void
  readonly subscribe: (listener: () => void) => () => void
}

export const createStore = <T extends object>(initial: T): Store<T> => {
  const listeners = new Set<() => void>()
  let value = initial
  return {
    get: () => value,
    set: (changes) => {
      value = { ...value, ...changes }
      for (const listener of [...listeners]) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

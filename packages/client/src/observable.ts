/** A value with those who look at it: fits React's `useSyncExternalStore`. */
export interface Observable<T> {
  /** The value now; the same one until it changes. */
  readonly get: () => T
  /** Calls `listener` after a change. Returns the unsubscribe. */
  readonly subscribe: (listener: () => void) => () => void
}

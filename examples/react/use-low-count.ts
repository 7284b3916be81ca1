import { useUzima } from '@uzima/client/react'
import { useCallback, useSyncExternalStore } from 'react'

/** A hook of your own: everything of the client has `subscribe` and a read. Draws again when the number changes. */
export const useLowCount = (): number => {
  const { inventory } = useUzima()
  const subscribe = useCallback(
    (listener: () => void) => inventory.subscribe({ low: true }, listener),
    [inventory],
  )
  return useSyncExternalStore(subscribe, () => inventory.list({ low: true }).length)
}

import { useUzima } from '@uzima/client/react'
import type { Alert } from '@uzima/contracts'
import { useEffect, useRef } from 'react'
import { useUser } from '../session/use-session.js'
import { useIsLocked } from '../tablet/lock-context.js'

/** On the screen for this long, an alert counts as seen. */
const LOOK_MS = 1000

/** Tells the others that this person has seen what stands on the screen. */
export const useSeen = (shown: readonly Alert[]): void => {
  const { alerts } = useUzima()
  const { userId } = useUser()
  const locked = useIsLocked()
  const told = useRef(new Set<string>())
  useEffect(() => {
    if (locked) return undefined
    const timer = setTimeout(() => {
      if (document.hidden) return
      const unseen = shown.filter(
        ({ id, seenBy }) =>
          !told.current.has(id) && !seenBy.some((viewer) => viewer.userId === userId),
      )
      for (const { id } of unseen) {
        told.current.add(id)
        // Without a connection it is told the next time that the list changes.
        alerts.seen(id).catch(() => told.current.delete(id))
      }
    }, LOOK_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [alerts, locked, shown, userId])
}

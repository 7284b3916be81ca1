import { useConnection } from '@uzima/client/react'
import { createContext, use, useCallback, useEffect, useRef, useState } from 'react'
import type { DraftStore } from './draft-store.js'

export const DraftsContext = createContext<DraftStore | null>(null)

/** Gives the drafts of this device; only below `DraftsContext`. */
export const useDrafts = (): DraftStore => {
  const drafts = use(DraftsContext)
  if (drafts === null) throw new TypeError('useDrafts needs a DraftsContext above it')
  return drafts
}

/** What the person logged in has typed under a name. */
export interface Draft<T> {
  /** Undefined until it was looked for. */
  readonly value: T | undefined
  /** Takes the value before, so that two changes at once are both kept. */
  readonly change: (next: (value: T) => T) => void
  /** Forgets it: it was booked, or thrown away. */
  readonly clear: () => void
}

/** Gives a draft of the person logged in; `isShape` keeps out what another version of the page has left. */
export const useDraft = <T>(
  name: string,
  empty: T,
  isShape: (value: unknown) => value is T,
): Draft<T> => {
  const drafts = useDrafts()
  const userId = useConnection().user?.userId ?? ''
  const [held, setHeld] = useState<{ userId: string; name: string; value: T }>()
  const latest = useRef<T>(empty)
  // Fixed for the life of the form: a caller may write both anew each time.
  const [shape] = useState(() => ({ empty, isShape }))

  useEffect(() => {
    let wanted = true
    void drafts.read(userId, name).then((kept) => {
      if (!wanted) return
      latest.current = shape.isShape(kept) ? kept : shape.empty
      setHeld({ userId, name, value: latest.current })
    })
    return () => {
      wanted = false
    }
  }, [drafts, userId, name, shape])

  const keep = useCallback(
    (value: T, written: T | undefined) => {
      latest.current = value
      setHeld({ userId, name, value })
      drafts.write(userId, name, written)
    },
    [drafts, userId, name],
  )
  const change = useCallback(
    (next: (value: T) => T) => {
      const value = next(latest.current)
      keep(value, value)
    },
    [keep],
  )
  const clear = useCallback(() => {
    keep(shape.empty, undefined)
  }, [keep, shape])

  const isMine = held?.userId === userId && held.name === name
  return { value: isMine ? held.value : undefined, change, clear }
}

import { useEffect, useRef, useState } from 'react'

/** How long a change is seen where it happened, in milliseconds. */
const SEEN_MS = 2000

/**
 * Gives the value of before for 2 s after it has changed, to be shown beside the new one; undefined else. What changes while it is
 * shown keeps the first old value: `120 → 96`, not its last step.
 */
export const useChange = (value: number): number | undefined => {
  const last = useRef(value)
  const [before, setBefore] = useState<number>()
  useEffect(() => {
    if (last.current === value) return
    const old = last.current
    last.current = value
    setBefore((shown) => shown ?? old)
    const timer = setTimeout(() => {
      setBefore(undefined)
    }, SEEN_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [value])
  return before
}

import { useUzima } from '@uzima/client/react'
import { useCallback, useEffect, useState } from 'react'

/** What was read last, and whether that is still how it is. */
export interface Polled<T> {
  readonly value: T | undefined
  /** The server's time of `value`. */
  readonly at: number | undefined
  /** Why the last read failed; undefined where it did not. `value` is then of before. */
  readonly error: unknown
  /** Reads now. */
  readonly refresh: () => void
}

type State<T> = Omit<Polled<T>, 'refresh'>

/**
 * Reads at once and again `everyMs` after each answer, never two at a time and not in a hidden tab. What no event tells
 * (who is connected, how the nodes are) is asked for only while somebody looks.
 *
 * @param read kept over drawings (`useCallback`): another one is another question, and is asked at once
 */
export const usePolled = <T>(read: () => Promise<T>, everyMs: number): Polled<T> => {
  const client = useUzima()
  const [state, setState] = useState<State<T>>({
    value: undefined,
    at: undefined,
    error: undefined,
  })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const round = async (): Promise<void> => {
      if (!document.hidden) {
        const next = await read().then(
          (value) => ({ value, at: client.now(), error: undefined }),
          (error: unknown) => ({ error }),
        )
        if (isOver) return
        setState((before) => ({ ...before, ...next }))
      }
      timer = setTimeout(() => void round(), everyMs)
    }
    void round()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [read, everyMs, turn, client])
  const refresh = useCallback(() => {
    setTurn((now) => now + 1)
  }, [])
  return { ...state, refresh }
}

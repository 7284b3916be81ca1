import type { Item } from '@uzima/contracts'
import { useEffect, useMemo, useReducer, useRef, useState, type RefObject } from 'react'

export interface CalmOrder {
  /** The items in the order to show; each row looks up what its item holds now. */
  readonly items: readonly Item[]
  /** What is true now is in another order, or another set. */
  readonly isBehind: boolean
  readonly catchUp: () => void
}

/** How long after the last touch the rows stay where they are, in milliseconds. */
const CALM_MS = 5000

/**
 * Keeps the rows in their places while somebody is among them: no row moves under a finger. Another search, filter or sort
 * (`key`) orders at once; so does time, when nobody has touched the list for 5 s.
 */
export const useCalmOrder = (
  items: readonly Item[],
  key: string,
  list: RefObject<HTMLElement | null>,
): CalmOrder => {
  const touched = useTouched(list)
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const shown = useRef({ key, items })
  const isHeld = touched && shown.current.key === key && shown.current.items.length > 0
  useEffect(() => {
    if (!isHeld) shown.current = { key, items }
  })
  const held = isHeld ? shown.current.items : items
  const isBehind = useMemo(
    () =>
      held !== items &&
      (held.length !== items.length || held.some(({ sku }, at) => sku !== items[at]?.sku)),
    [held, items],
  )
  return {
    items: held,
    isBehind,
    catchUp: () => {
      shown.current = { key, items }
      redraw()
    },
  }
}

const useTouched = (list: RefObject<HTMLElement | null>): boolean => {
  const [touched, setTouched] = useState(false)
  useEffect(() => {
    const element = list.current
    if (element === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const touch = (): void => {
      clearTimeout(timer)
      setTouched(true)
      timer = setTimeout(() => {
        // A mouse that rests on a row is about to press it.
        if (element.matches(':hover')) touch()
        else setTouched(false)
      }, CALM_MS)
    }
    for (const event of TOUCHES) element.addEventListener(event, touch, { passive: true })
    return () => {
      clearTimeout(timer)
      for (const event of TOUCHES) element.removeEventListener(event, touch)
    }
  }, [list])
  return touched
}

const TOUCHES = ['pointerdown', 'pointermove', 'scroll', 'keydown'] as const

import { useCallback, useEffect, useLayoutEffect, useState, type RefObject } from 'react'

export interface RowWindow {
  /** Rows from `first` up to, without, `end` are in the document. */
  readonly first: number
  readonly end: number
  /** Scrolls as little as shows the row whole. */
  readonly reveal: (index: number) => void
}

/** Rows drawn beyond each edge, so that a flick shows no gap. */
const BEYOND = 8

/**
 * Says which of `count` rows of one height are to be drawn: those in sight of `scroller` and a few around. So 5,000 rows cost
 * what 30 do.
 *
 * @param headHeight height of what sticks to the top of the scroller, in pixels
 */
export const useWindow = (
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  headHeight: number,
): RowWindow => {
  const [range, setRange] = useState({ first: 0, end: Math.min(count, 30) })

  const measure = useCallback(() => {
    const element = scroller.current
    // Not drawn at the moment: what was in sight stays.
    if (element === null || element.clientHeight === 0) return
    const top = Math.max(0, element.scrollTop - headHeight)
    const first = Math.max(0, Math.floor(top / rowHeight) - BEYOND)
    const end = Math.min(count, Math.ceil((top + element.clientHeight) / rowHeight) + BEYOND)
    setRange((now) => (now.first === first && now.end === end ? now : { first, end }))
  }, [scroller, count, rowHeight, headHeight])

  useLayoutEffect(measure, [measure])
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    element.addEventListener('scroll', measure, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', measure)
    }
  }, [scroller, measure])

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current
      if (element === null) return
      const top = index * rowHeight
      const bottom = top + rowHeight + headHeight
      if (top < element.scrollTop) element.scrollTop = top
      else if (bottom > element.scrollTop + element.clientHeight) {
        element.scrollTop = bottom - element.clientHeight
      }
      measure()
    },
    [scroller, rowHeight, headHeight, measure],
  )

  // After a filter there may be fewer rows than the last measure knew.
  return { first: Math.min(range.first, count), end: Math.min(range.end, count), reveal }
}

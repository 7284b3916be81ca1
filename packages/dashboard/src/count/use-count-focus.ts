import { useLayoutEffect, useRef, type RefObject } from 'react'
import { useScanHub, useScans } from '../scan/scan-hub.js'
import type { CountLine } from './shelf.js'

/** Keeps the focus on the number of the line that is counted, whichever way one came there. */
export const useFocusOnLine = (key: string | undefined): RefObject<HTMLDivElement | null> => {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const field = box.current?.querySelector<HTMLInputElement>('[data-field=counted]')
    field?.focus()
    // A number from before is replaced by the next key, not lengthened.
    field?.select()
    // The view's own heading takes the focus when the view is opened; who counts types at once.
    const timer = setTimeout(() => field?.focus(), FOCUS_AFTER_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [key])
  return box
}

const FOCUS_AFTER_MS = 50

/** A scan goes to its lot, or to the first lot of its item that is not counted. */
export const useCountScans = (
  lines: readonly CountLine[],
  isCounted: (line: CountLine) => boolean,
  onLine: (key: string) => void,
): void => {
  const { remember } = useScanHub()
  useScans((match) => {
    if (match.kind !== 'item') return false
    const ofItem = lines.filter(({ sku }) => sku === match.item.sku)
    const line =
      match.lot === null
        ? (ofItem.find((each) => !isCounted(each)) ?? ofItem[0])
        : ofItem.find(({ lotNumber }) => lotNumber === match.lot?.lotNumber)
    // Not of this shelf: its item opens, and the count waits.
    if (line === undefined) return false
    remember(null)
    onLine(line.key)
    return true
  })
}

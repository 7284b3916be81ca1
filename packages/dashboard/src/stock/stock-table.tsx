import type { Item } from '@uzima/contracts'
import {
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type RefObject,
} from 'react'
import { useWords } from '../i18n/use-words.js'
import { StockRow } from './stock-row.js'
import { stockWords } from './stock-words.js'
import { useWindow } from './use-window.js'

/** Height of each row, in pixels: a name of two lines and its code, a thumb. `stock.css` says the same. */
const ROW_HEIGHT = 68
const HEAD_HEIGHT = 36

interface StockTableProps {
  readonly items: readonly Item[]
  readonly openSku: string | undefined
  readonly hrefOf: (sku: string) => string
  /** What scrolls; the caller's, because it watches it as well. */
  readonly scroller: RefObject<HTMLDivElement | null>
}

/**
 * The rows of the stock. However many there are, only those in sight are in the document; who hears the page is told of all.
 * One tab stop: arrows, Page up and down, Home and End move within.
 */
export const StockTable = ({ items, openSku, hrefOf, scroller }: StockTableProps): ReactElement => {
  const words = useWords(stockWords)
  const { first, end, reveal } = useWindow(scroller, items.length, ROW_HEIGHT, HEAD_HEIGHT)
  const [active, setActive] = useState(0)
  const table = useRef<HTMLTableElement>(null)
  // The tab stop is among the rows that are drawn, wherever the wheel has gone.
  const activeRow = Math.max(first, Math.min(active, end - 1))
  const goesTo = useRef<number>(undefined)
  useEffect(() => {
    if (goesTo.current === undefined) return
    const row = table.current?.querySelector(`[aria-rowindex="${String(goesTo.current + 2)}"] a`)
    goesTo.current = undefined
    if (row instanceof HTMLElement) row.focus({ preventScroll: true })
  })

  const move = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1)
    const next = nextRow(event.key, activeRow, page, items.length)
    if (next === undefined) return
    event.preventDefault()
    goesTo.current = next
    setActive(next)
    reveal(next)
  }

  return (
    <div className="stock-scroll" ref={scroller}>
      <table
        ref={table}
        role="table"
        className="stock-table"
        aria-label={words.title}
        aria-rowcount={items.length + 1}
        onKeyDown={move}
      >
        {/* The head is not there on a phone, so it cannot say how wide the columns are. */}
        <colgroup>
          <col className="stock-name" />
          <col className="stock-quantity" />
          <col className="stock-expiry only-wide" />
          <col className="stock-state only-wide" />
        </colgroup>
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            <th role="columnheader" scope="col" className="stock-name">
              {words.item}
            </th>
            <th role="columnheader" scope="col" className="stock-quantity number">
              {words.inStock}
            </th>
            <th role="columnheader" scope="col" className="stock-expiry only-wide">
              {words.firstExpiry}
            </th>
            <th role="columnheader" scope="col" className="stock-state only-wide">
              {words.state}
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          <Space height={first * ROW_HEIGHT} />
          {items.slice(first, end).map((item, at) => (
            <StockRow
              key={item.sku}
              item={item}
              index={first + at}
              href={hrefOf(item.sku)}
              isOpen={item.sku === openSku}
              isActive={first + at === activeRow}
              onFocus={setActive}
            />
          ))}
          <Space height={(items.length - end) * ROW_HEIGHT} />
        </tbody>
      </table>
    </div>
  )
}

/** What the rows out of sight would take. */
const Space = ({ height }: { readonly height: number }): ReactElement | null =>
  height === 0 ? null : (
    <tr aria-hidden style={{ height }}>
      <td />
    </tr>
  )

const nextRow = (key: string, at: number, page: number, count: number): number | undefined => {
  const last = count - 1
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, at + 1)
    case 'ArrowUp':
      return Math.max(0, at - 1)
    case 'PageDown':
      return Math.min(last, at + page)
    case 'PageUp':
      return Math.max(0, at - page)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return undefined
  }
}

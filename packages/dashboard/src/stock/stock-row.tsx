import { useItem, useUzima } from '@uzima/client/react'
import type { Item } from '@uzima/contracts'
import { memo, type ReactElement } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { daysUntil } from '../i18n/format.js'
import { classes } from '../ui/button.js'
import { firstLotOf } from './attention.js'
import { EXPIRING_WITHIN_DAYS } from './stock-query.js'
import { StockMarks } from './stock-marks.js'
import { stockWords } from './stock-words.js'
import { useChange } from './use-change.js'

interface StockRowProps {
  /** As the list knows it; shown where the item is gone, until the list is ordered anew. */
  readonly item: Item
  /** From 0, in the whole list. */
  readonly index: number
  readonly href: string
  readonly isOpen: boolean
  /** Whether the list's one tab stop is here. */
  readonly isActive: boolean
  readonly onFocus: (index: number) => void
}

const Row = ({
  item: listed,
  index,
  href,
  isOpen,
  isActive,
  onFocus,
}: StockRowProps): ReactElement => {
  const item = useItem(listed.sku) ?? listed
  const { now } = useUzima()
  const format = useFormat()
  const words = useWords(stockWords)
  const before = useChange(item.usableQuantity)

  const next = item.lots.find((lot) => lot.quantity > 0 && !lot.expired)
  const first = firstLotOf(item)
  const isSoon = next !== undefined && daysUntil(next.expiryDate, now()) <= EXPIRING_WITHIN_DAYS
  return (
    <tr
      role="row"
      aria-rowindex={index + 2}
      data-sku={item.sku}
      className={classes(isOpen && 'is-open', before !== undefined && 'is-changed')}
    >
      <td role="cell" className="stock-name">
        <a
          href={href}
          tabIndex={isActive ? 0 : -1}
          aria-current={isOpen || undefined}
          onFocus={() => {
            onFocus(index)
          }}
        >
          {item.name}
        </a>
        <span className="stock-sub">
          <span className="stock-code">{item.sku}</span>
          {item.category !== null && <span className="only-wide"> · {item.category}</span>}
          <span className="only-narrow">
            <StockMarks item={item} isSoon={isSoon} />
          </span>
        </span>
      </td>
      <td role="cell" className="stock-quantity number">
        {before !== undefined && (
          <span className="stock-before">
            <span className="sr-only">{words.before}</span>
            {format.number(before)}
            <span aria-hidden> → </span>
          </span>
        )}
        <span className="stock-number">{format.number(item.usableQuantity)}</span>
        <span className="stock-unit">{item.unit ?? ''}</span>
      </td>
      <td role="cell" className="stock-expiry only-wide">
        {first !== undefined && format.day(first.expiryDate)}
      </td>
      <td role="cell" className="stock-state only-wide">
        <StockMarks item={item} isSoon={isSoon} />
      </td>
    </tr>
  )
}

/** One item; drawn again only when the item itself changes. */
export const StockRow: React.NamedExoticComponent<StockRowProps> = memo(Row)

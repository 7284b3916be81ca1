import { useItem } from '@uzima/client/react'
import type { ReactElement } from 'react'
import { useFormat } from '../i18n/use-words.js'
import { StockMarks } from '../stock/stock-marks.js'
import { ViewTitle } from '../ui/surfaces.js'

interface ItemViewProps {
  readonly sku: string
  /** Stands beside the list, which has the heading of the view. */
  readonly isBeside: boolean
}

/** One item, live. Stands beside the list from 768 px, in its place below. */
export const ItemView = ({ sku, isBeside }: ItemViewProps): ReactElement => {
  const item = useItem(sku)
  const format = useFormat()
  if (item === undefined) return <ViewTitle level={isBeside ? 2 : 1}>{sku}</ViewTitle>
  return (
    <>
      <ViewTitle level={isBeside ? 2 : 1}>{item.name}</ViewTitle>
      <p>{format.number(item.usableQuantity)}</p>
      <StockMarks item={item} />
      <ul>
        {item.lots.map((lot) => (
          <li key={lot.lotNumber}>
            {lot.lotNumber} {format.number(lot.quantity)} {format.day(lot.expiryDate)}
          </li>
        ))}
      </ul>
    </>
  )
}

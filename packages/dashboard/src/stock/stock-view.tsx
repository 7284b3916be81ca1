import { useStock } from '@uzima/client/react'
import type { ReactElement } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { ItemView } from '../item/item-view.js'
import type { ViewProps } from '../shell/part.js'
import { ViewTitle } from '../ui/surfaces.js'
import { itemHref } from './item-href.js'
import { StockMarks } from './stock-marks.js'
import { stockWords } from './stock-words.js'

/** The list of the stock, and the item that is open. */
export const StockView = ({ params }: ViewProps): ReactElement => {
  const items = useStock()
  const words = useWords(stockWords)
  const format = useFormat()
  const { sku } = params
  if (sku !== undefined) return <ItemView sku={sku} />
  return (
    <div>
      <ViewTitle>{words.title}</ViewTitle>
      {items.map((item) => (
        <p key={item.sku}>
          <a href={itemHref(item.sku)}>{item.name}</a> {format.number(item.usableQuantity)}{' '}
          <StockMarks item={item} />
        </p>
      ))}
    </div>
  )
}

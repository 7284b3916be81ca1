import type { Item } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { Mark } from '../ui/mark.js'
import { stockWords } from './stock-words.js'

interface StockMarksProps {
  readonly item: Item
  /** Some of it expires soon: said where nothing worse is. */
  readonly isSoon?: boolean
}

/** Says with shape and word that an item is out or low, and that some of it has expired; nothing where neither is so. */
export const StockMarks = ({ item, isSoon = false }: StockMarksProps): ReactElement => {
  const words = useWords(stockWords)
  const isOut = item.usableQuantity === 0
  const isExpired = item.expiredQuantity > 0
  return (
    <>
      {isOut && <Mark kind="out">{words.out}</Mark>}
      {!isOut && item.lowStock && <Mark kind="low">{words.low}</Mark>}
      {isExpired && <Mark kind="expired">{words.expired}</Mark>}
      {isSoon && !isOut && !item.lowStock && !isExpired && (
        <Mark kind="soon">{words.expiring}</Mark>
      )}
    </>
  )
}

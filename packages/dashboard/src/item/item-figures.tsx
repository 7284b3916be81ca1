import { useUzima, useWrites } from '@uzima/client/react'
import type { Item } from '@uzima/contracts'
import type { ReactElement, ReactNode } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { writeWords } from '../movements/write-words.js'
import { StockMarks } from '../stock/stock-marks.js'
import { Mark } from '../ui/mark.js'
import { itemWords } from './item-words.js'
import { dailyUse, daysLeft } from './usage.js'
import { useConsumption } from './use-consumption.js'

/** What one wants to know first: how much there is, how long it lasts, when it is too little. */
export const ItemFigures = ({ item }: { readonly item: Item }): ReactElement => {
  const words = useWords(itemWords)
  const format = useFormat()
  const { usableQuantity, expiredQuantity, unit, threshold } = item
  return (
    <div className="item-figures">
      <div className="item-total">
        <p>
          <span className="total">{format.number(usableQuantity)}</span> {words.usable(unit)}
        </p>
        <p className="row">
          <StockMarks item={item} />
          <PendingEffect item={item} />
        </p>
        {expiredQuantity > 0 && <p className="small muted">{words.expiredMore(expiredQuantity)}</p>}
      </div>
      <DaysLeft item={item} />
      <Figure name={words.threshold}>{format.number(threshold)}</Figure>
    </div>
  )
}

const DaysLeft = ({ item }: { readonly item: Item }): ReactElement => {
  const words = useWords(itemWords)
  const format = useFormat()
  const usage = useConsumption(item.sku)?.get(item.sku)
  const days = usage === undefined ? null : daysLeft(item.usableQuantity, usage)
  const daily = usage === undefined ? null : dailyUse(usage)
  return days === null || daily === null ? (
    <Figure name={words.lasts} detail={words.rateUnknownDetail}>
      {words.rateUnknown}
    </Figure>
  ) : (
    <Figure name={words.lasts} detail={words.perDay(format.number(rounded(daily)))}>
      {words.lastsDays(days)}
    </Figure>
  )
}

/** A rate below ten has a decimal worth reading. */
export const rounded = (rate: number): number =>
  rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate)

interface FigureProps {
  readonly name: string
  readonly detail?: string
  readonly children: ReactNode
}

const Figure = ({ name, detail, children }: FigureProps): ReactElement => (
  <div className="item-figure">
    <p className="small muted">{name}</p>
    <p className="strong">{children}</p>
    {detail !== undefined && <p className="small muted">{detail}</p>}
  </div>
)

/** What the movements that are on their way will make of it. */
const PendingEffect = ({ item }: { readonly item: Item }): ReactNode => {
  const words = useWords(writeWords)
  const { writes } = useUzima()
  useWrites()
  const { delta, pending } = writes.effectOn(item.sku)
  if (pending === 0) return null
  const then = item.usableQuantity + delta
  return (
    <Mark kind="pending">
      {then < 0 ? words.pendingShort(-then) : words.pendingEffect(item.usableQuantity, then)}
    </Mark>
  )
}

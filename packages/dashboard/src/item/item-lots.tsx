import type { Item, Lot } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { daysUntil } from '../i18n/format.js'
import { useFormat, useWords } from '../i18n/use-words.js'
import { useNow } from '../shell/use-now.js'
import { Mark } from '../ui/mark.js'
import { itemWords } from './item-words.js'

/** Within so many days a lot is worth a word; those who count days in years need none. */
const SOON_DAYS = 90

/** The lots that hold something, the first to expire first: what is given out next stands on top. */
export const ItemLots = ({ item }: { readonly item: Item }): ReactElement => {
  const words = useWords(itemWords)
  const held = item.lots.filter(({ quantity }) => quantity > 0)
  return (
    <section className="item-lots" aria-label={words.lots}>
      <h2>{words.lots}</h2>
      {held.length === 0 ? (
        <p className="muted">{words.noLots}</p>
      ) : (
        <table className="table lots">
          <thead>
            <tr>
              <th scope="col">{words.lot}</th>
              <th scope="col">{words.expires}</th>
              <th scope="col" className="number">
                {words.inLot}
              </th>
            </tr>
          </thead>
          <tbody>
            {held.map((lot) => (
              <LotRow key={lot.lotNumber} lot={lot} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

const LotRow = ({ lot }: { readonly lot: Lot }): ReactElement => {
  const words = useWords(itemWords)
  const format = useFormat()
  const days = daysUntil(lot.expiryDate, useNow(60_000))
  return (
    <tr data-lot={lot.lotNumber}>
      <th scope="row" className="lot-number">
        {lot.lotNumber}
      </th>
      <td>
        {format.day(lot.expiryDate)}
        <span className="row lot-marks">
          {lot.expired ? (
            <Mark kind="expired">{words.expired}</Mark>
          ) : (
            days <= SOON_DAYS && <Mark kind="low">{words.soon}</Mark>
          )}
          <span className="small muted">{format.inDays(days)}</span>
        </span>
      </td>
      <td className="number strong">{format.number(lot.quantity)}</td>
    </tr>
  )
}

import './count.css'
import '../movements/movements.css'
import type { ReactElement } from 'react'
import { useAddress } from '../shell/address.js'
import type { ViewProps } from '../shell/part.js'
import { CountLots } from './count-lots.js'
import { CountShelves } from './count-shelves.js'
import { CountSummaryView } from './count-summary.js'

/** The count: which shelf, lot after lot, and what is different. */
export const CountView = ({ query }: ViewProps): ReactElement => {
  const { path } = useAddress()
  const shelf = query.get('shelf')
  if (shelf === null || path === '/count') return <CountShelves />
  return path === '/count/summary' ? (
    <CountSummaryView key={shelf} shelf={shelf} />
  ) : (
    <CountLots key={shelf} shelf={shelf} first={query.get('lot')} />
  )
}

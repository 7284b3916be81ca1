import './item.css'
import '../movements/movements.css'
import { useItem } from '@uzima/client/react'
import type { Item } from '@uzima/contracts'
import { useState, type ReactElement } from 'react'
import { useWords } from '../i18n/use-words.js'
import { isMovementKind } from '../movements/draft.js'
import { MovementDialog } from '../movements/movement-dialog.js'
import { useMay } from '../session/use-session.js'
import { go, useAddress } from '../shell/address.js'
import { itemHref } from '../stock/item-href.js'
import { ButtonLink } from '../ui/button.js'
import { EmptyState, ViewTitle } from '../ui/surfaces.js'
import { ItemFigures } from './item-figures.js'
import { ItemHistory } from './item-history.js'
import { ItemLots } from './item-lots.js'
import { ItemTotals } from './item-totals.js'
import { itemWords } from './item-words.js'
import { ItemWrites } from './item-writes.js'
import { MovementLinks } from './movement-links.js'
import { ScannedLot } from './scanned-lot.js'
import { useHistory } from './use-history.js'

export interface ItemViewProps {
  readonly sku: string
  /** Stands beside the list, which has the heading of the view. */
  readonly isBeside: boolean
}

/** One item, live. Stands beside the list from 768 px, in its place below. */
export const ItemView = ({ sku, isBeside }: ItemViewProps): ReactElement => {
  const item = useItem(sku)
  const words = useWords(itemWords)
  if (item !== undefined) return <OpenItem key={sku} item={item} isBeside={isBeside} />
  return (
    <div className="item">
      <ViewTitle level={isBeside ? 2 : 1}>{sku}</ViewTitle>
      <EmptyState title={words.gone} detail={words.goneDetail}>
        <ButtonLink href="#/stock">{words.toStock}</ButtonLink>
      </EmptyState>
    </div>
  )
}

const DAY_MS = 86_400_000
const FIRST_RANGE = 30

interface OpenItemProps {
  readonly item: Item
  readonly isBeside: boolean
}

const OpenItem = ({ item, isBeside }: OpenItemProps): ReactElement => {
  const { sku, version } = item
  const { query } = useAddress()
  const mayMove = useMay('stock:move')
  const words = useWords(itemWords)
  const [days, setDays] = useState(FIRST_RANGE)
  // Of the first drawing: a range that moved on with the clock would be read again each second.
  const [opened] = useState(Date.now)
  const history = useHistory(sku, version, opened - days * DAY_MS)
  const wanted = query.get('do')

  /** Opens and closes the form; what else the address says is the list's. */
  const open = (kind: string | undefined, replace = false): void => {
    go(itemHref(sku, { ...Object.fromEntries(query), do: kind }), { replace })
  }

  return (
    <article className="item">
      <header className="stack-tight">
        <ViewTitle level={isBeside ? 2 : 1}>{item.name}</ViewTitle>
        <p className="muted small">
          {[item.sku, item.category].filter((part) => part !== null).join(' · ')}
        </p>
      </header>
      <ItemFigures item={item} />
      <ScannedLot item={item} onOpen={mayMove ? open : undefined} />
      <ItemWrites item={item} history={history} />
      {mayMove ? (
        <MovementLinks
          hrefOf={(kind) => itemHref(sku, { ...Object.fromEntries(query), do: kind })}
        />
      ) : (
        <p className="muted small">{words.mayNotMove}</p>
      )}
      <div className="item-body">
        <ItemLots item={item} />
        <ItemTotals item={item} history={history} opened={opened} days={days} onDays={setDays} />
        <ItemHistory item={item} history={history} />
      </div>
      {mayMove && isMovementKind(wanted) && (
        <MovementDialog
          key={wanted}
          item={item}
          kind={wanted}
          onClose={() => {
            open(undefined, true)
          }}
          onBooked={() => {
            open(undefined, true)
          }}
        />
      )}
    </article>
  )
}

import './stock.css'
import { useConnection, useItem } from '@uzima/client/react'
import {
  lazy,
  Suspense,
  useEffect,
  useMemo,
  useRef,
  type ReactElement,
  type RefObject,
} from 'react'
import { useWords } from '../i18n/use-words.js'
import type { ItemViewProps } from '../item/item-view.js'
import type { ViewProps } from '../shell/part.js'
import { ButtonLink } from '../ui/button.js'
import { EmptyState, Spinner } from '../ui/surfaces.js'
import { useMedia } from '../ui/use-media.js'
import { StockList } from './stock-list.js'
import { listHref, readList, type ListState } from './stock-query.js'
import { stockWords } from './stock-words.js'

/** Comes after the list, which is what one waits for on a slow network. */
const ItemView = lazy(async () => {
  const { ItemView: View } = await import('../item/item-view.js')
  const Focused = ({ isOpenedHere, ...item }: ItemViewProps & OpenedHere): ReactElement => {
    useEffect(() => {
      if (isOpenedHere.current) focusItem()
    }, [isOpenedHere])
    return <View {...item} />
  }
  return { default: Focused }
})

interface OpenedHere {
  /** Whether it was opened from this list, and not by the link that opened the page. */
  readonly isOpenedHere: RefObject<boolean>
}

/** The list of the stock and the item that is open: beside each other from 768 px, in each other's place below. */
export const StockView = ({ params, query }: ViewProps): ReactElement => {
  const { sku } = params
  const text = query.toString()
  const state = useMemo(() => readList(new URLSearchParams(text)), [text])
  const isBeside = useMedia('(min-width: 48em)')
  const isOpenedHere = useItemFocus(sku)
  return (
    <div className={sku === undefined ? 'stock' : 'stock stock-open'}>
      {/* Hidden, not gone: on the way back the rows are where they were. */}
      <div className="stock-side" hidden={sku !== undefined && !isBeside}>
        <StockList state={state} openSku={sku} />
      </div>
      {sku === undefined ? (
        <ChooseItem />
      ) : (
        <OpenItem
          key={sku}
          sku={sku}
          isBeside={isBeside}
          state={state}
          isOpenedHere={isOpenedHere}
        />
      )}
    </div>
  )
}

interface OpenItemProps extends OpenedHere {
  readonly sku: string
  readonly isBeside: boolean
  readonly state: ListState
}

const OpenItem = ({ sku, isBeside, state, isOpenedHere }: OpenItemProps): ReactElement => {
  const words = useWords(stockWords)
  // Not that it is gone, as long as nobody knows.
  const { asOf } = useConnection()
  const isUnknown = useItem(sku) === undefined && asOf === null
  return (
    <div className="stock-item">
      <ButtonLink kind="quiet" href={listHref(state)} className="stock-back">
        <span aria-hidden>{isBeside ? '✕' : '←'}</span>
        {words.backToList}
      </ButtonLink>
      {isUnknown ? (
        <Spinner label={words.loading} />
      ) : (
        <Suspense fallback={<Spinner label={words.loading} />}>
          <ItemView sku={sku} isBeside={isBeside} isOpenedHere={isOpenedHere} />
        </Suspense>
      )}
    </div>
  )
}

/** Where there is room for an item and none is open: what the keyboard does. */
const ChooseItem = (): ReactElement => {
  const words = useWords(stockWords)
  return (
    <div className="stock-choose">
      <EmptyState title={words.chooseItem} detail={words.chooseItemDetail}>
        <p className="stock-keys small">
          <kbd>/</kbd> {words.keys.search} · <kbd>↑</kbd> <kbd>↓</kbd> {words.keys.move} ·{' '}
          <kbd>⏎</kbd> {words.keys.open}
        </p>
      </EmptyState>
    </div>
  )
}

/** The focus goes into the item that is opened, and back to its row when it is closed. */
const useItemFocus = (sku: string | undefined): RefObject<boolean> => {
  const before = useRef(sku)
  const isOpenedHere = useRef(false)
  useEffect(() => {
    const closed = before.current
    before.current = sku
    if (sku === closed) return
    if (sku !== undefined) {
      isOpenedHere.current = true
      focusItem()
    } else if (closed !== undefined) {
      const row = `[data-sku="${CSS.escape(closed)}"] a`
      document.querySelector<HTMLElement>(row)?.focus({ preventScroll: true })
    }
  }, [sku])
  return isOpenedHere
}

const focusItem = (): void => {
  document.querySelector<HTMLElement>('.stock-item :is(h1, h2)[tabindex="-1"]')?.focus()
}

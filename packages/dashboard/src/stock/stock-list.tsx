import { useConnection, useStock } from '@uzima/client/react'
import { useCallback, useLayoutEffect, useRef, type ReactElement, type ReactNode } from 'react'
import { useWords } from '../i18n/use-words.js'
import { go } from '../shell/address.js'
import { Button, ButtonLink } from '../ui/button.js'
import { EmptyState, Spinner, ViewTitle } from '../ui/surfaces.js'
import { StockFilters } from './stock-filters.js'
import { listHref, type ListState } from './stock-query.js'
import { StockTable } from './stock-table.js'
import { stockWords } from './stock-words.js'
import { useCalmOrder } from './use-calm-order.js'
import { useFound } from './use-found.js'

interface StockListProps {
  readonly state: ListState
  readonly openSku: string | undefined
}

/** The stock with its search and its filters. */
export const StockList = ({ state, openSku }: StockListProps): ReactElement => {
  const words = useWords(stockWords)
  const list = useRef<HTMLDivElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const found = useFound(state)
  const { show, search, category, sort } = state
  const key = listHref(state)
  const order = useCalmOrder(found.items, key, list)
  const hrefOfItem = useCallback(
    (sku: string) => listHref({ show, search, category, sort }, sku),
    [show, search, category, sort],
  )
  useLayoutEffect(() => {
    // Another question begins with its first answer.
    scroller.current?.scrollTo(0, 0)
  }, [key])
  const openFirst = (): void => {
    const [first] = found.items
    if (first !== undefined) go(hrefOfItem(first.sku))
  }
  return (
    <section className="stock-list" aria-label={words.title} ref={list}>
      <div className="stock-head">
        <ViewTitle>{words.title}</ViewTitle>
        <p className="muted small" role="status">
          {found.similar ? words.similar(search) : words.items(found.items.length)}
        </p>
      </div>
      <StockFilters
        state={state}
        openSku={openSku}
        onEnter={openFirst}
        onDown={() => {
          scroller.current?.querySelector<HTMLElement>('tbody a[tabindex="0"]')?.focus()
        }}
      />
      {order.isBehind && (
        <Button kind="quiet" className="stock-behind" onClick={order.catchUp}>
          {words.newOrder}
        </Button>
      )}
      {order.items.length === 0 ? (
        <Nothing state={state} />
      ) : (
        <StockTable items={order.items} openSku={openSku} hrefOf={hrefOfItem} scroller={scroller} />
      )}
    </section>
  )
}

/** Why the list is empty, and the way out. */
const Nothing = ({ state }: { readonly state: ListState }): ReactNode => {
  const words = useWords(stockWords)
  const { asOf } = useConnection()
  const isEmpty = useStock().length === 0
  if (isEmpty && asOf === null) return <Spinner label={words.loading} />
  if (isEmpty) return <EmptyState title={words.emptyStock} detail={words.emptyStockDetail} />
  const all = (
    <ButtonLink href={listHref({ ...state, show: 'all', search: '', category: '' })}>
      {words.showAll}
    </ButtonLink>
  )
  return state.search === '' ? (
    <EmptyState sign="✓" title={words.nothingHere} detail={words.nothingHereDetail}>
      {all}
    </EmptyState>
  ) : (
    <EmptyState title={words.nothingFound} detail={words.nothingFoundDetail}>
      {all}
    </EmptyState>
  )
}

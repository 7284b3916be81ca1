import { useStock } from '@uzima/client/react'
import { useRef, useState, type ReactElement } from 'react'
import { useFormat, useWords } from '../i18n/use-words.js'
import { useSearchKeys } from '../search/use-search-keys.js'
import { go } from '../shell/address.js'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { useMedia } from '../ui/use-media.js'
import { SortFields } from './sort-fields.js'
import { EXPIRING_WITHIN_DAYS, listHref, SHOWS, type ListState, type Show } from './stock-query.js'
import { stockWords } from './stock-words.js'

interface StockFiltersProps {
  readonly state: ListState
  /** The item beside the list stays open. */
  readonly openSku: string | undefined
  /** Opens what the list shows first: a scanner types a code and presses Enter. */
  readonly onEnter: () => void
  /** Goes down into the list. */
  readonly onDown: () => void
}

/** What of the stock is shown: search, state, category, order; all of it in the address. */
export const StockFilters = ({
  state,
  openSku,
  onEnter,
  onDown,
}: StockFiltersProps): ReactElement => {
  const words = useWords(stockWords)
  const isTablet = useMedia('(min-width: 48em)')
  const isDesk = useMedia('(min-width: 80em)')
  const hasRoom = isDesk || (isTablet && openSku === undefined)
  const [open, setOpen] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  useSearchKeys(field)
  const change = (changes: Partial<ListState>): void => {
    go(listHref({ ...state, ...changes }, openSku), { replace: true })
  }
  return (
    <div className="stock-filters">
      <div className="stock-search">
        <input
          ref={field}
          type="search"
          className="input"
          aria-label={words.search}
          placeholder={words.searchHint}
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="search"
          value={state.search}
          onChange={(event) => {
            change({ search: event.currentTarget.value })
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onEnter()
            else if (event.key === 'ArrowDown') onDown()
            else if (event.key === 'Escape') change({ search: '' })
            else return
            event.preventDefault()
          }}
        />
        {hasRoom ? (
          <SortFields state={state} onChange={change} />
        ) : (
          <Button
            aria-label={words.filter}
            onClick={() => {
              setOpen(true)
            }}
          >
            <svg viewBox="0 0 24 24" width="20" height="20" className="icon" aria-hidden>
              <path d="M4 6h16M7 12h10M10 18h4" />
            </svg>
          </Button>
        )}
      </div>
      <ShowChips state={state} openSku={openSku} />
      {open && (
        <Dialog
          title={words.filter}
          onClose={() => {
            setOpen(false)
          }}
        >
          <div className="stack">
            <SortFields state={state} onChange={change} />
          </div>
        </Dialog>
      )}
    </div>
  )
}

interface ShowChipsProps {
  readonly state: ListState
  readonly openSku: string | undefined
}

const ShowChips = ({ state, openSku }: ShowChipsProps): ReactElement => {
  const words = useWords(stockWords)
  const format = useFormat()
  const counts: Readonly<Record<Show, number>> = {
    all: useStock().length,
    low: useStock({ low: true }).length,
    expired: useStock({ expired: true }).length,
    expiring: useStock(EXPIRING).length,
  }
  return (
    <nav className="stock-shows" aria-label={words.show}>
      {SHOWS.map((show) => (
        <a
          key={show}
          className="chip"
          href={listHref({ ...state, show }, openSku)}
          aria-current={show === state.show ? 'true' : undefined}
        >
          {words.shows[show]} <span className="chip-count">{format.number(counts[show])}</span>
        </a>
      ))}
    </nav>
  )
}

const EXPIRING = { expiringWithinDays: EXPIRING_WITHIN_DAYS }
